"""Which layers are compared, and how they are looked at."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from napari.components import ViewerModel
from napari.layers import Image

from irrm_core.engine import RestoreRecord
from napari_irrm.comparing import Blink, hindrance, pair_of, show_plane, side_by_side
from napari_irrm.layers import Provenance, image_of, plane_on_screen
from napari_irrm.layers.provenance import KEY, Kind


def metadata(kind: Kind, source: str, lr_hash: str = "1" * 64) -> dict[str, Any]:
    record = RestoreRecord("irrm-fast-x4@1", "0" * 64, 4, (40, 40), "YX", "uint8", lr_hash)
    return {KEY: Provenance(kind, record, source=source).to_metadata()}


@pytest.fixture
def layers(viewer_model: ViewerModel) -> dict[str, Image]:
    """Two originals and all that was made of the first one, below an unrelated image."""
    made: list[tuple[str, int, dict[str, Any]]] = [
        ("cells", 40, {}),
        ("nuclei", 40, {}),
        ("cells LR x4", 10, metadata("lr", "cells")),
        ("cells restored", 40, metadata("restored", "cells")),
        ("cells difference", 40, metadata("difference", "cells")),
        ("other", 30, {}),
    ]
    return {
        name: viewer_model.add_image(np.zeros((size, size)), name=name, metadata=of)
        for name, size, of in made
    }


def test_a_restored_layer_finds_the_original_that_it_names(
    viewer_model: ViewerModel, layers: dict[str, Image]
) -> None:
    assert pair_of(viewer_model.layers) == (layers["cells"], layers["cells restored"])


@pytest.mark.parametrize("lr_hash", ["1" * 64, "2" * 64])
def test_a_layer_restored_from_an_lr_layer_finds_its_original(
    viewer_model: ViewerModel, layers: dict[str, Image], lr_hash: str
) -> None:
    layers["cells restored"].metadata = metadata("restored", "cells LR x4", lr_hash)
    assert pair_of(viewer_model.layers) == (layers["cells"], layers["cells restored"])


@pytest.mark.parametrize("chosen", ["cells", "cells restored"])
def test_one_chosen_layer_finds_the_other(
    viewer_model: ViewerModel, layers: dict[str, Image], chosen: str
) -> None:
    expected = (layers["cells"], layers["cells restored"])
    assert pair_of(viewer_model.layers, [layers[chosen]]) == expected


def test_two_chosen_layers_are_compared_with_the_restored_one_second(
    viewer_model: ViewerModel, layers: dict[str, Image]
) -> None:
    nuclei, restored = layers["nuclei"], layers["cells restored"]
    viewer_model.layers.move(3, 0)
    assert pair_of(viewer_model.layers, [restored, nuclei]) == (nuclei, restored)
    assert pair_of(viewer_model.layers, [nuclei, layers["cells"]]) == (layers["cells"], nuclei)


def test_an_original_that_was_renamed_is_known_by_its_size_if_no_other_has_it(
    viewer_model: ViewerModel, layers: dict[str, Image]
) -> None:
    layers["cells"].name = "renamed"
    viewer_model.layers.remove(layers["cells LR x4"])
    assert pair_of(viewer_model.layers) is None
    viewer_model.layers.remove(layers["nuclei"])
    assert pair_of(viewer_model.layers) == (layers["cells"], layers["cells restored"])


def test_a_damaged_record_hinders_no_comparison(
    viewer_model: ViewerModel, layers: dict[str, Image]
) -> None:
    layers["cells restored"].metadata = {KEY: {"kind": "nonsense"}}
    chosen = [layers["cells"], layers["cells restored"]]
    assert pair_of(viewer_model.layers, chosen) == tuple(chosen)


def test_why_layers_cannot_be_compared_is_said(layers: dict[str, Image]) -> None:
    cells = layers["cells"]
    assert "restore a layer" in hindrance(cells, None)
    assert "two different layers" in hindrance(cells, cells)
    assert "40 x 40, other 30 x 30" in hindrance(cells, layers["other"])
    assert hindrance(cells, layers["nuclei"]) == ""


@pytest.mark.parametrize("extra", [False, True])
def test_any_plane_can_be_shown(viewer_model: ViewerModel, extra: bool) -> None:
    if extra:
        viewer_model.add_image(np.zeros((2, 9, 9, 9, 9)))
    layer = viewer_model.add_image(
        np.zeros((5, 3, 20, 30)), scale=(0.5, 2, 0.1, 0.1), translate=(7, -3, 1, 1), rotate=20
    )
    image = image_of(layer)
    for number in (0, 14, 7, 3):
        show_plane(viewer_model, layer, image, number)
        assert plane_on_screen(layer, image) == number


def test_a_plane_without_sliders_is_shown_already(viewer_model: ViewerModel) -> None:
    layer = viewer_model.add_image(np.zeros((20, 30)))
    before = viewer_model.dims.point
    show_plane(viewer_model, layer, image_of(layer), 0)
    assert viewer_model.dims.point == before


@pytest.mark.parametrize("turned", [False, True])
def test_side_by_side_shows_two_layers_and_undoes_it(
    viewer_model: ViewerModel, layers: dict[str, Image], turned: bool
) -> None:
    layers["other"].visible = False
    camera = viewer_model.scene.camera
    camera.zoom = 7.5
    left, right = layers["cells"], layers["cells restored"]
    if turned:
        left, right = right, left
    undo = side_by_side(viewer_model, left, right)
    grid = viewer_model.canvas.grid
    assert grid.actual_shape(viewer_model.layers) == (1, 2)
    places = [
        grid.position(viewer_model.layers.index(layer), viewer_model.layers)
        for layer in (left, right)
    ]
    assert places == [(0, 0), (0, 1)]
    viewer_model.layers.remove(layers["nuclei"])
    undo()
    assert not grid.enabled
    assert grid.stride == 1
    assert camera.zoom == 7.5
    assert [layer.visible for layer in viewer_model.layers] == [True, True, True, True, False]


def test_blinking_shows_one_of_two_layers_at_a_time(
    viewer_model: ViewerModel, layers: dict[str, Image]
) -> None:
    def visible() -> list[str]:
        return [layer.name for layer in viewer_model.layers if layer.visible]

    blink = Blink(viewer_model, layers["cells"], layers["cells restored"])
    assert visible() == ["cells"]
    assert blink.step() is layers["cells restored"]
    assert visible() == ["cells restored"]
    assert blink.step() is layers["cells"]
    blink.stop()
    assert len(visible()) == 6


def test_blinking_ends_when_a_layer_is_gone(
    viewer_model: ViewerModel, layers: dict[str, Image]
) -> None:
    blink = Blink(viewer_model, layers["cells"], layers["cells restored"])
    viewer_model.layers.remove(layers["cells"])
    assert blink.step() is None
    blink.stop()
    assert all(layer.visible for layer in viewer_model.layers)
