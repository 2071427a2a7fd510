"""What microscopists rely on beside the pixels: contrast, calibration, real files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray

from irrm_core.archive import RescalerPool, downscale_file, restore_file
from irrm_core.imagefile import read_image


def test_an_imagej_stack_opens_with_its_contrast_and_calibration_before_and_after(
    tmp_path: Path, pixels: Callable[..., NDArray[Any]], pool: RescalerPool
) -> None:
    stack = np.stack([pixels(30, 40, dtype="uint16") // (40 * n) for n in (1, 2)])
    ranges = (100.0, 1500.0, 50.0, 900.0)
    path = tmp_path / "cells.tif"
    tifffile.imwrite(
        path,
        stack,
        imagej=True,
        resolution=(10, 10),
        metadata={"axes": "CYX", "unit": "um", "Ranges": ranges, "Info": "of the day"},
    )
    made = downscale_file(path, None, pool)
    lr = read_image(made.target)[1]
    assert (lr.format, lr.axes) == ("imagej-tiff", "CYX")
    assert lr.metadata.imagej is not None
    assert lr.metadata.imagej["Info"] == "of the day"
    shown = np.array(lr.metadata.imagej["Ranges"]).reshape(2, 2)
    for channel, mapping in enumerate(made.record.mappings):
        part = (np.array(ranges).reshape(2, 2)[channel] - mapping.low) / (
            mapping.high - mapping.low
        )
        assert shown[channel] / 65535 == pytest.approx(0.02 + 0.96 * part, abs=1e-4)

    before = read_image(path)[1]
    after = read_image(restore_file(made.target, None, pool).target)[1]
    assert after.metadata.imagej is not None
    assert after.metadata.imagej["Ranges"] == pytest.approx(ranges, abs=0.1)
    assert after.metadata.pixel_size == before.metadata.pixel_size
    assert (after.format, after.axes, after.dtype) == (before.format, before.axes, before.dtype)


@pytest.mark.shared
def test_real_microscopy_comes_back_with_axes_and_dtype(
    shared: Path, tmp_path: Path, pool: RescalerPool
) -> None:
    for source in sorted((shared / "data" / "microscopy").glob("xyc*.tif")):
        made = downscale_file(source, tmp_path / f"{source.name}.tif", pool, measure=False)
        assert made.record_size < 600
        back = restore_file(made.target, None, pool)
        (before, was), (after, now) = read_image(source), read_image(back.target)
        assert (after.shape, after.dtype, now.axes) == (before.shape, before.dtype, was.axes)
