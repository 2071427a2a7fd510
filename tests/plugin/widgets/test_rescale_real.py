"""The widget Rescale with the bundled models on photographs and micrographs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from irrm_core import psnr, read_image

if TYPE_CHECKING:
    from napari_irrm.widgets.parts import ChoiceBox
    from napari_irrm.widgets.rescale import RescaleWidget

Open = Callable[[], "RescaleWidget"]
Click = Callable[[Any], None]
Pick = Callable[["ChoiceBox", str], None]
Idle = Callable[[], None]

PHOTOS = Path(__file__).resolve().parents[3] / "examples" / "photos"


def test_a_photograph_comes_back_well_from_its_lr(
    viewer: Any, opened: Open, click: Click, pick: Pick, idle: Idle
) -> None:
    photo = np.ascontiguousarray(read_image(PHOTOS / "chelsea.png")[0][:256, :256])
    viewer.add_image(photo, name="chelsea")
    widget = opened()
    pick(widget.scale, "× 2")
    click(widget.run)
    idle()
    lr = viewer.layers[1]
    assert lr.data.shape == (128, 128, 3) and lr.rgb
    pick(widget.layer, lr.name)
    click(widget.run)
    idle()
    assert psnr(viewer.layers[2].data, photo) > 35


@pytest.mark.shared
def test_a_calibrated_stack_keeps_its_place_units_and_intensities(
    viewer: Any, opened: Open, click: Click, pick: Pick, idle: Idle, shared: Path
) -> None:
    path = shared / "data/microscopy/xyt_calibrated_16bit__golgi_bfa_sum_projection.tif"
    pixels = read_image(path)[0][:3, :-1]
    original = viewer.add_image(
        pixels,
        name="golgi",
        scale=(60, 0.1, 0.1),
        units=("s", "um", "um"),
        axis_labels=("t", "y", "x"),
    )
    viewer.dims.set_current_step(0, 1)
    widget = opened()
    pick(widget.direction, "Round trip and compare")
    click(widget.run)
    idle()
    lr, restored = viewer.layers[1:3]
    assert lr.data.shape == (3, *(-(-side // 2) for side in pixels.shape[1:]))
    assert lr.scale == pytest.approx((60, 0.2, 0.2))
    assert lr.translate == pytest.approx((0, 0.05, 0.05))
    assert lr.units == restored.units == original.units
    assert restored.data.dtype == pixels.dtype
    assert restored.contrast_limits == pytest.approx(original.contrast_limits)
    span = float(pixels.max()) - float(pixels.min())
    assert psnr(np.asarray(restored.data), pixels, peak=span) > 40
