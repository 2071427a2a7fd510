"""The widget Rescale under the mouse: small untrained models, layers of many kinds."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.typing import NDArray
from qtpy.QtCore import QTimer

from irrm_core.networks import build
from irrm_core.zoo import Halo, LatentPolicy, register_folder, save_model
from napari_irrm.jobs import session_of
from napari_irrm.layers import provenance_of

if TYPE_CHECKING:
    from napari_irrm.widgets.parts import ChoiceBox
    from napari_irrm.widgets.rescale import RescaleWidget

Open = Callable[[], "RescaleWidget"]
Click = Callable[[Any], None]
Pick = Callable[["ChoiceBox", str], None]
Idle = Callable[[], None]
Pixels = Callable[..., NDArray[Any]]

pytestmark = pytest.mark.usefixtures("default_models")


def labels(box: ChoiceBox) -> list[str]:
    return [box.itemText(i) for i in range(box.count())]


def test_a_click_downscales_the_layer_onto_its_original(
    viewer: Any, opened: Open, click: Click, idle: Idle, pixels: Pixels
) -> None:
    original = viewer.add_image(pixels(48, 64, dtype="uint16"), name="cells", scale=(0.2, 0.2))
    widget = opened()
    assert widget.layer.layer is original
    click(widget.run)
    idle()
    _, lr = viewer.layers
    assert lr.data.shape == (24, 32)
    assert lr.scale == pytest.approx((0.4, 0.4))
    assert lr.translate == pytest.approx((0.1, 0.1))
    assert provenance_of(lr).record.hr_shape == (48, 64)


def test_the_layer_stays_chosen_when_its_lr_appears(
    viewer: Any, opened: Open, click: Click, idle: Idle, pixels: Pixels
) -> None:
    original = viewer.add_image(pixels(48, 64, dtype="uint16"), name="cells")
    widget = opened()
    click(widget.run)
    idle()
    assert widget.layer.layer is original and widget.direction.value == "downscale"


def test_an_lr_layer_is_restored(
    viewer: Any, opened: Open, click: Click, pick: Pick, idle: Idle, pixels: Pixels
) -> None:
    original = viewer.add_image(pixels(48, 64, dtype="uint16"), name="cells", scale=(0.2, 0.2))
    widget = opened()
    click(widget.run)
    idle()
    pick(widget.layer, viewer.layers[1].name)
    assert widget.direction.currentText() == "Restore"
    assert widget.scale.isHidden()
    click(widget.run)
    idle()
    restored = viewer.layers[2]
    assert restored.data.shape == (48, 64) and restored.data.dtype == np.uint16
    assert restored.translate == pytest.approx(original.translate)
    assert provenance_of(restored).kind == "restored"
    pick(widget.layer, "cells")
    assert widget.direction.currentText() == "Downscale"


def test_a_round_trip_gives_both_layers_and_compares_them(
    viewer: Any, opened: Open, click: Click, pick: Pick, idle: Idle, pixels: Pixels
) -> None:
    viewer.add_image(pixels(48, 64, dtype="uint16"), name="cells")
    widget = opened()
    pick(widget.direction, "Round trip and compare")
    click(widget.run)
    idle()
    assert {"lr", "restored"} <= {
        provenance.kind for layer in viewer.layers if (provenance := provenance_of(layer))
    }
    assert any("ompar" in row.ticket.title for row in widget.jobs.rows)
    for _ in range(2):
        click(widget.comparison)
    # As napari's menu calls it, so that this never opens a second one.
    assert [name for name in viewer.window.dock_widgets if "Compare" in name] == ["Compare (IRRM)"]


def test_a_device_of_the_preferences_is_offered(viewer: Any, opened: Open, pixels: Pixels) -> None:
    viewer.add_image(pixels(48, 64, 3), name="photo")
    widget = opened()
    widget.controller.device = "cuda:1"
    assert widget.device.currentText() == "CUDA:1"


def test_only_models_that_fit_the_layer_are_offered_and_why_not_the_others(
    viewer: Any, opened: Open, pick: Pick, pixels: Pixels
) -> None:
    viewer.add_image(pixels(48, 64, dtype="uint16"), name="gray")
    viewer.add_image(pixels(48, 64, 3), name="photo")
    widget = opened()
    assert labels(widget.scale) == ["× 2", "× 4"]
    assert all("gray" not in label for label in labels(widget.model))
    assert "irrm-fast-gray-x2" in widget.model.toolTip()
    pick(widget.layer, "gray")
    assert "gray" in labels(widget.model)[0]
    assert not widget.advice.said
    pick(widget.scale, "× 4")
    assert "RGB" in widget.advice.said


def test_the_scale_chooses_among_the_models(
    viewer: Any, opened: Open, pick: Pick, pixels: Pixels
) -> None:
    viewer.add_image(pixels(48, 64, 3), name="photo")
    widget = opened()
    for scale in ("× 2", "× 4"):
        pick(widget.scale, scale)
        assert all(f"x{scale[-1]}" in label for label in labels(widget.model))


def test_labels_are_refused_with_the_reason(viewer: Any, opened: Open) -> None:
    viewer.add_labels(np.zeros((32, 32), int), name="cells")
    widget = opened()
    assert "cells" in widget.hindrance.said and "abels" in widget.hindrance.said
    assert not widget.hindrance.isHidden()
    assert not widget.run.isEnabled()


def test_without_a_layer_the_widget_says_what_is_missing(viewer: Any, opened: Open) -> None:
    widget = opened()
    assert widget.hindrance.said
    assert not widget.run.isEnabled()


def test_a_layer_without_a_record_is_restored_with_a_model_that_is_assumed(
    viewer: Any, opened: Open, click: Click, pick: Pick, idle: Idle, pixels: Pixels
) -> None:
    viewer.add_image(pixels(24, 32, dtype="uint16"), name="foreign")
    widget = opened()
    pick(widget.direction, "Restore")
    assert widget.fields.labelForField(widget.model).text() == "Assumed model"
    assert not widget.run.isEnabled()
    assert "record" in widget.advice.said + widget.hindrance.said
    pick(widget.model, labels(widget.model)[1])
    click(widget.run)
    idle()
    assert viewer.layers[-1].data.shape == (48, 64)


def test_a_seed_is_asked_for_only_where_the_model_needs_one(
    viewer: Any,
    opened: Open,
    pick: Pick,
    pixels: Pixels,
    tmp_path: Path,
) -> None:
    parameters = {"scale": 2, "blocks": [1], "width": 8}
    save_model(
        tmp_path / "more",
        build("irrm", parameters),
        name="noisy-x2@1",
        architecture="irrm",
        parameters=parameters,
        latent=LatentPolicy("gaussian"),
        halo=Halo(8, 8),
    )
    register_folder(tmp_path / "more")
    viewer.add_image(pixels(48, 64, 3), name="photo")
    widget = opened()
    pick(widget.scale, "× 2")
    assert widget.seed.isHidden()
    pick(widget.model, next(label for label in labels(widget.model) if "noisy" in label))
    assert not widget.seed.isHidden()
    widget.seed.setValue(7)
    assert widget.controller.settings.seed == 7


def test_the_tile_size_is_under_advanced(
    viewer: Any, opened: Open, click: Click, pixels: Pixels
) -> None:
    viewer.add_image(pixels(48, 64, 3), name="photo")
    widget = opened()
    assert not widget.tile.isVisibleTo(widget)
    click(widget.advanced.button)
    assert widget.tile.isVisibleTo(widget) and widget.tile.text() == "Automatic"
    widget.tile.stepBy(1)
    assert widget.controller.settings.tile == 64
    widget.tile.stepBy(-1)
    assert widget.controller.settings.tile is None


def test_device_precision_and_what_to_expect_are_told(
    qtbot: Any, viewer: Any, opened: Open, pick: Pick, pixels: Pixels
) -> None:
    viewer.add_image(pixels(48, 64, 3), name="photo")
    widget = opened()
    qtbot.waitUntil(lambda: "dB" in widget.estimate.said, timeout=30_000)
    qtbot.waitUntil(lambda: widget.device_note.said.startswith(("CPU", "CUDA", "MPS")))
    pick(widget.device, "CPU")
    qtbot.waitUntil(lambda: widget.device_note.said.startswith("CPU"))
    pick(widget.precision, "32 bits")
    assert widget.controller.settings.device == "cpu"
    assert widget.controller.settings.precision == "fp32"


def test_cancel_leaves_no_layer_and_the_window_lives_meanwhile(
    qtbot: Any, viewer: Any, opened: Open, click: Click, idle: Idle, pixels: Pixels
) -> None:
    viewer.add_image(pixels(1200, 1200, 3), name="large")
    widget = opened()
    click(widget.advanced.button)
    widget.tile.stepBy(1)
    beats: list[bool] = []
    timer = QTimer()
    timer.timeout.connect(lambda: beats.append(True))
    timer.start(10)
    click(widget.run)
    qtbot.waitUntil(lambda: widget.jobs.rows[0].bar.value() > 1, timeout=30_000)
    assert len(beats) > 1
    click(widget.jobs.rows[0].cancel)
    idle()
    assert [layer.name for layer in viewer.layers] == ["large"]
    assert widget.jobs.rows[0].text.said == "Cancelled"


def test_several_jobs_wait_for_one_another(
    viewer: Any, opened: Open, click: Click, idle: Idle, pixels: Pixels
) -> None:
    viewer.add_image(pixels(48, 64, 3), name="photo")
    widget = opened()
    for _ in range(3):
        click(widget.run)
    assert len(widget.jobs.rows) == 3
    idle()
    assert len(viewer.layers) == 4


def test_release_model_gives_the_models_back(
    viewer: Any, opened: Open, click: Click, idle: Idle, pixels: Pixels
) -> None:
    viewer.add_image(pixels(48, 64, 3), name="photo")
    widget = opened()
    click(widget.run)
    idle()
    assert len(session_of(viewer).pool)
    click(widget.release)
    assert not len(session_of(viewer).pool)


def test_a_closed_widget_is_let_go(viewer: Any, opened: Open, pixels: Pixels) -> None:
    viewer.add_image(pixels(48, 64, 3), name="photo")
    widget = opened()
    gone = weakref.ref(widget)
    viewer.window.remove_dock_widget(widget)
    del widget
    gc.collect()
    assert gone() is None
    viewer.layers.clear()


def test_the_widget_says_what_a_reopened_one_shows(
    viewer: Any, opened: Open, click: Click, idle: Idle, pixels: Pixels
) -> None:
    viewer.add_image(pixels(48, 64, 3), name="photo")
    widget = opened()
    viewer.window.remove_dock_widget(widget)
    click(opened().run)
    idle()
    assert len(viewer.layers) == 2
