"""How results look."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from napari.components import ViewerModel
from napari.layers import Image

from irrm_core.engine import Rescaler
from napari_irrm.layers import (
    Provenance,
    difference_arguments,
    display_of,
    image_of,
    lr_arguments,
    restored_arguments,
)

from .conftest import make_record


def _added(viewer: ViewerModel, data: Any, arguments: dict[str, Any]) -> Image:
    return viewer.add_image(data, **arguments)


def test_an_lr_looks_like_its_original(viewer_model: ViewerModel) -> None:
    layer = viewer_model.add_image(
        np.zeros((80, 100), np.uint8),
        name="cells",
        colormap="magenta",
        blending="additive",
        gamma=0.7,
        opacity=0.6,
        contrast_limits=(10, 90),
        interpolation2d="cubic",
        interpolation3d="nearest",
        rendering="minip",
    )
    record = make_record("YX", (80, 100), "uint8")
    arguments = lr_arguments(layer, image_of(layer), record)
    lr = _added(viewer_model, np.zeros((40, 50), np.uint8), arguments)
    assert lr.name == "cells LR x2"
    assert lr.contrast_limits == [10, 90]
    for name in (
        "colormap", "blending", "gamma", "opacity", "interpolation2d", "interpolation3d",
        "rendering",
    ):  # fmt: skip
        assert getattr(lr, name) == getattr(layer, name), name


def test_contrast_limits_are_mapped_as_the_intensities_are(viewer_model: ViewerModel) -> None:
    layer = viewer_model.add_image(np.zeros((80, 100), np.uint16), contrast_limits=(100, 600))
    record = make_record("YX", (80, 100), ranges=((100, 1100),))
    low, high = lr_arguments(layer, image_of(layer), record)["contrast_limits"]
    mapping = record.mappings[0]
    unit = mapping.to_unit(np.array([100, 600]))
    assert (low, high) == pytest.approx(tuple(unit * 65535), rel=1e-6)


@pytest.mark.parametrize("dtype", ["int16", "float32", "uint16"])
def test_a_restoration_gets_the_limits_of_the_original_back(
    viewer_model: ViewerModel, dtype: str
) -> None:
    layer = viewer_model.add_image(np.zeros((80, 100), dtype), contrast_limits=(-20, 333))
    record = make_record("YX", (80, 100), dtype, ranges=((0, 300),))
    image = image_of(layer)
    arguments = lr_arguments(layer, image, record)
    lr = _added(viewer_model, np.zeros((40, 50), np.uint16), arguments)
    by_mapping = restored_arguments(lr, record)["contrast_limits"]
    assert by_mapping == pytest.approx((-20, 333))
    lr.contrast_limits = (0, 1)
    kept = Provenance("lr", record, source="cells", display=display_of(layer))
    lr.metadata = {"irrm": kept.to_metadata()}
    arguments = restored_arguments(lr, record)
    assert arguments["contrast_limits"] == (-20, 333)
    assert arguments["name"] == "cells restored"
    layer.contrast_limits = (5, 6)
    assert restored_arguments(lr, record, of=layer)["contrast_limits"] == (5, 6)


def test_channels_mapped_differently_are_each_shown_over_their_range(
    viewer_model: ViewerModel,
) -> None:
    layer = viewer_model.add_image(np.zeros((2, 80, 100), np.uint16), contrast_limits=(0, 60000))
    record = make_record("CYX", (2, 80, 100), ranges=((0, 200), (0, 60000)))
    arguments = lr_arguments(layer, image_of(layer), record)
    assert arguments["contrast_limits"] == pytest.approx((0.02 * 65535, 0.98 * 65535))
    lr = _added(viewer_model, np.zeros((2, 40, 50), np.uint16), arguments)
    assert restored_arguments(lr, record)["contrast_limits"] == (0, 60000)


@pytest.mark.parametrize("value", [0, 7, 65535])
def test_constant_images_have_limits_that_napari_takes(
    viewer_model: ViewerModel, value: int
) -> None:
    layer = viewer_model.add_image(np.full((80, 100), value, np.uint16))
    record = make_record("YX", (80, 100), ranges=((value, value),))
    arguments = lr_arguments(layer, image_of(layer), record)
    lr = _added(viewer_model, np.zeros((40, 50), np.uint16), arguments)
    _added(viewer_model, np.zeros((80, 100), np.uint16), restored_arguments(lr, record))


def test_wide_ranges_of_floats_do_not_overflow(viewer_model: ViewerModel) -> None:
    top = float(np.finfo(np.float64).max)
    layer = viewer_model.add_image(np.zeros((8, 8)), contrast_limits=(-1, 1))
    record = make_record("YX", (8, 8), "float64", ranges=((-top, top),))
    low, high = lr_arguments(layer, image_of(layer), record)["contrast_limits"]
    assert np.isfinite((low, high)).all()
    assert low < high


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_colour_layers_stay_colour_layers(viewer_model: ViewerModel, dtype: str) -> None:
    layer = viewer_model.add_image(np.zeros((80, 100, 4), dtype), rgb=True)
    record = make_record("YXS", (80, 100, 4), dtype)
    arguments = lr_arguments(layer, image_of(layer), record)
    lr = _added(viewer_model, np.zeros((40, 50, 4), record.lr_dtype), arguments)
    assert lr.rgb
    restored = restored_arguments(lr, record)
    assert _added(viewer_model, np.zeros((80, 100, 4), dtype), restored).rgb


def test_small_stacks_of_three_columns_are_not_taken_for_colours(
    viewer_model: ViewerModel,
) -> None:
    layer = viewer_model.add_image(np.zeros((80, 80, 3), np.uint8), rgb=False)
    record = make_record("ZYX", (80, 80, 3), "uint8", scale=1)
    arguments = lr_arguments(layer, image_of(layer), record)
    assert not _added(viewer_model, np.zeros((80, 80, 3), np.uint8), arguments).rgb


def test_a_gray_layer_through_an_rgb_model_is_gray_again_in_its_colours(
    viewer_model: ViewerModel,
) -> None:
    layer = viewer_model.add_image(np.zeros((80, 100), np.uint16), colormap="green")
    record = make_record("YX", (80, 100), tripled=True)
    arguments = lr_arguments(layer, image_of(layer), record)
    lr = _added(viewer_model, np.zeros((40, 50, 3), np.uint16), arguments)
    assert lr.rgb
    restored = restored_arguments(lr, record)
    assert not restored["rgb"]
    assert restored["colormap"].name == "green"


def test_nothing_searches_the_pixels_when_a_result_is_added(
    viewer_model: ViewerModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    layers = [
        viewer_model.add_image(np.zeros((3, 80, 100), "float32"), contrast_limits=(0, 9)),
        viewer_model.add_image(np.zeros((3, 80, 100, 3), "uint16"), rgb=True),
    ]
    records = [
        make_record("CYX", (3, 80, 100), "float32", ranges=((0, 1), (2, 3), (4, 5))),
        make_record("ZYXS", (3, 80, 100, 3)),
    ]

    def search(*_: Any, **__: Any) -> None:
        raise AssertionError("the range of the pixels was asked for")

    monkeypatch.setattr(Image, "_calc_data_range", search)
    for layer, record in zip(layers, records, strict=True):
        arguments = lr_arguments(layer, image_of(layer), record)
        lr = _added(viewer_model, np.zeros(record.lr_shape, "uint16"), arguments)
        for of in (None, layer):
            restored = restored_arguments(lr, record, of=of)
            _added(viewer_model, np.zeros(record.hr_shape, record.dtype), restored)
        difference = difference_arguments(layer, 3)
        _added(viewer_model, np.zeros((3, 80, 100), "float32"), difference)


def test_a_difference_is_symmetric_around_zero(viewer_model: ViewerModel) -> None:
    layer = viewer_model.add_image(np.zeros((80, 100), np.uint16), name="cells", scale=(2, 3))
    arguments = difference_arguments(layer, 17.5)
    added = _added(viewer_model, np.zeros((80, 100), np.float32), arguments)
    assert added.contrast_limits == [-17.5, 17.5]
    assert added.name == "cells difference"
    assert (added.scale == layer.scale).all()
    assert difference_arguments(layer, 0)["contrast_limits"] == (-1, 1)


def test_an_lr_made_by_a_model_looks_like_its_original(
    viewer_model: ViewerModel, default_models: Any, rng: np.random.Generator
) -> None:
    image = (300 + 1000 * rng.random((64, 80))).astype(np.int16)
    layer = viewer_model.add_image(image, contrast_limits=(300, 1300))
    made = Rescaler("irrm-fast-gray-x2", device="cpu").downscale(image)
    low, high = lr_arguments(layer, image_of(layer), made.record)["contrast_limits"]
    shown = (made.image.astype(float) - low) / (high - low)
    means = (image.reshape(32, 2, 40, 2).mean(axis=(1, 3)) - 300) / 1000
    assert np.abs(shown.mean() - means.mean()) < 0.15


def test_a_damaged_record_does_not_keep_a_restoration_from_being_shown(
    viewer_model: ViewerModel,
) -> None:
    lr = viewer_model.add_image(
        np.zeros((40, 50), np.uint8), name="lr", metadata={"irrm": {"kind": "nonsense"}}
    )
    record = make_record("YX", (80, 100), "uint8")
    assert restored_arguments(lr, record)["name"] == "lr restored"
