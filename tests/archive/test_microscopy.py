"""What microscopists rely on beside the pixels: contrast, calibration, real files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray

from irrm_core.archive import RescalerPool, downscale_file, inspect_file, read_lr, restore_file
from irrm_core.errors import PixelsChangedError
from irrm_core.imagefile import read_image, read_record


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


def rewritten_without_private_tags(path: Path) -> None:
    """Write an OME-TIFF anew as other software does, which keeps OME-XML and pixels."""
    with tifffile.TiffFile(path) as tiff:
        pages, xml = tiff.asarray().reshape(-1, *tiff.pages[0].shape), tiff.ome_metadata
    with tifffile.TiffWriter(path, ome=False) as tiff:
        tiff.write(pages, photometric="minisblack", description=xml.encode(), metadata=None)


def test_an_ome_lr_file_that_other_software_wrote_anew_restores_to_the_same(
    tmp_path: Path, pixels: Callable[..., NDArray[Any]], pool: RescalerPool
) -> None:
    stack = np.stack([pixels(30, 40, dtype="uint16") // n for n in (2, 3)])
    tifffile.imwrite(tmp_path / "a.ome.tif", stack, metadata={"axes": "ZYX"}, ome=True)
    lr = downscale_file(tmp_path / "a.ome.tif", None, pool).target
    line = read_record(lr)
    expected = read_image(restore_file(lr, tmp_path / "before.tif", pool).target)[0]
    record = read_lr(lr)[0].record
    rewritten_without_private_tags(lr)
    assert read_record(lr) == line
    assert read_lr(lr)[0].record == record
    made = restore_file(lr, tmp_path / "after.tif", pool)
    assert made.checked
    np.testing.assert_array_equal(read_image(made.target)[0], expected)


def test_outliers_that_other_software_dropped_are_reported_as_missing(
    tmp_path: Path, pixels: Callable[..., NDArray[Any]], pool: RescalerPool
) -> None:
    stack = np.stack([pixels(30, 40, dtype="uint16") // 40 for _ in range(2)])
    stack[1, 7, 9] = 65535
    tifffile.imwrite(tmp_path / "a.ome.tif", stack, metadata={"axes": "ZYX"}, ome=True)
    lr = downscale_file(tmp_path / "a.ome.tif", None, pool).target
    assert inspect_file(lr).problem is None
    rewritten_without_private_tags(lr)
    with pytest.raises(PixelsChangedError, match=r"a.ome.tif.*outliers\) are missing; find the"):
        restore_file(lr, tmp_path / "after.tif", pool)
    assert not (tmp_path / "after.tif").exists()
    assert "outliers) are missing" in str(inspect_file(lr).problem)


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
