"""The commands of the menus, on viewers without a window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from napari.components import ViewerModel
from napari.utils.notifications import Notification, notification_manager
from numpy.typing import NDArray

from irrm_core.imagefile import read_record, write_image
from napari_irrm import commands
from napari_irrm.comparing import board_of
from napari_irrm.layers import provenance_of
from napari_irrm.settings import Preferences

Pixels = Callable[..., NDArray[Any]]

pytestmark = pytest.mark.usefixtures("default_models")


@pytest.fixture
def told() -> Iterator[list[str]]:
    """What people are told meanwhile."""
    messages: list[str] = []

    def note(notification: Notification) -> None:
        messages.append(notification.message)

    notification_manager.notification_ready.connect(note)
    yield messages
    notification_manager.notification_ready.disconnect(note)


def select(viewer: ViewerModel, *layers: Any) -> None:
    viewer.layers.selection = set(layers)


def test_downscale_makes_an_lr_of_each_selected_layer(
    viewer_model: ViewerModel, pixels: Pixels, told: list[str]
) -> None:
    photo = viewer_model.add_image(pixels(40, 44, 3), name="photo")
    gray = viewer_model.add_image(pixels(30, 34, dtype="uint16"), name="gray")
    viewer_model.add_image(pixels(30, 34), name="other")
    select(viewer_model, photo, gray)
    commands.downscale_selected(viewer_model)
    assert {layer.name for layer in viewer_model.layers} == {
        "photo", "gray", "other", "photo LR x4", "gray LR x2",
    }  # fmt: skip
    assert not told


def test_restore_brings_the_size_back(viewer_model: ViewerModel, pixels: Pixels) -> None:
    photo = viewer_model.add_image(pixels(40, 45, 3), name="photo")
    select(viewer_model, photo)
    commands.downscale_selected(viewer_model)
    select(viewer_model, viewer_model.layers["photo LR x4"])
    commands.restore_selected(viewer_model)
    restored = viewer_model.layers["photo restored"]
    assert restored.data.shape == photo.data.shape
    np.testing.assert_allclose(restored.extent.world, photo.extent.world)
    provenance = provenance_of(restored)
    assert provenance is not None and provenance.kind == "restored"


def test_restore_finds_the_record_in_the_file_that_napari_opened(
    viewer_model: ViewerModel, pixels: Pixels, tmp_path: Path, plugins: Any
) -> None:
    from irrm_core import Rescaler
    from irrm_core.archive import downscale_file

    write_image(tmp_path / "photo.png", pixels(130, 150, 3))
    made = downscale_file(tmp_path / "photo.png", None, Rescaler("irrm-fast-x4"))
    small = made.target.rename(tmp_path / "small.png")
    assert read_record(small)
    (layer,) = viewer_model.open(small)
    select(viewer_model, layer)
    commands.restore_selected(viewer_model)
    assert viewer_model.layers[-1].data.shape == (130, 150, 3)


def test_a_layer_without_a_record_is_told_of_and_no_model_assumed(
    viewer_model: ViewerModel, pixels: Pixels, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "napari_irrm.settings.preferences", lambda: Preferences(model="irrm-fast-x4")
    )
    select(viewer_model, viewer_model.add_image(pixels(40, 44, 3), name="plain"))
    commands.restore_selected(viewer_model)
    assert len(viewer_model.layers) == 1
    assert len(told) == 1 and "'plain' carries no restore record" in told[0]


def test_compare_takes_a_restored_layer_and_finds_its_original(
    viewer_model: ViewerModel, pixels: Pixels
) -> None:
    photo = viewer_model.add_image(pixels(40, 44, 3), name="photo")
    select(viewer_model, photo)
    commands.downscale_selected(viewer_model)
    select(viewer_model, viewer_model.layers["photo LR x4"])
    commands.restore_selected(viewer_model)
    restored = viewer_model.layers["photo restored"]
    select(viewer_model, restored)
    commands.compare_selected(viewer_model)
    found = board_of(viewer_model).find(photo, restored)
    assert found is not None and found.total.psnr > 0
    assert "photo difference" in viewer_model.layers


def test_nothing_to_compare_is_said(
    viewer_model: ViewerModel, pixels: Pixels, told: list[str]
) -> None:
    select(viewer_model, viewer_model.add_image(pixels(40, 44, 3)))
    commands.compare_selected(viewer_model)
    assert len(told) == 1 and "nothing to compare" in told[0]


def test_no_selection_is_said(viewer_model: ViewerModel, told: list[str]) -> None:
    commands.downscale_selected(viewer_model)
    commands.restore_selected(viewer_model)
    assert len(told) == 2 and all("No layer is selected" in message for message in told)


def test_what_cannot_be_rescaled_is_told_and_the_others_are_done(
    viewer_model: ViewerModel, pixels: Pixels, told: list[str]
) -> None:
    cells = viewer_model.add_labels(np.zeros((20, 24), int), name="cells")
    photo = viewer_model.add_image(pixels(40, 44, 3), name="photo")
    select(viewer_model, cells, photo)
    commands.downscale_selected(viewer_model)
    assert "photo LR x4" in viewer_model.layers
    assert len(told) == 1 and "cells" in told[0]


def test_the_preferred_model_is_taken_where_it_fits(
    viewer_model: ViewerModel, pixels: Pixels, monkeypatch: pytest.MonkeyPatch, told: list[str]
) -> None:
    monkeypatch.setattr(
        "napari_irrm.settings.preferences", lambda: Preferences(model="irrm-fast-gray-x2")
    )
    gray = viewer_model.add_image(pixels(40, 44), name="gray")
    photo = viewer_model.add_image(pixels(40, 44, 3), name="photo")
    select(viewer_model, gray, photo)
    commands.downscale_selected(viewer_model)
    provenance = provenance_of(viewer_model.layers["gray LR x2"])
    assert provenance is not None and provenance.record.model == "irrm-fast-gray-x2@1"
    assert "photo LR x4" in viewer_model.layers
    assert not told


def test_a_proxy_of_the_viewer_is_as_good_as_the_viewer(
    viewer_model: ViewerModel, pixels: Pixels
) -> None:
    from napari.utils._proxies import PublicOnlyProxy

    select(viewer_model, viewer_model.add_image(pixels(40, 44, 3), name="photo"))
    commands.downscale_selected(PublicOnlyProxy(viewer_model))
    assert "photo LR x4" in viewer_model.layers
