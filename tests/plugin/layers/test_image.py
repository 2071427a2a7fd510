"""Layers as images, plane by plane."""

from __future__ import annotations

from typing import Any

import dask.array
import numpy as np
import pytest
import zarr
from napari.components import ViewerModel

from irrm_core.engine import Layout
from napari_irrm.layers import (
    LayerRefusedError,
    Provenance,
    image_of,
    plane_on_screen,
    refusal,
)

from .arrays import ForeignDtype, OnlyPlanes
from .conftest import make_record


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "uint32", "float32", "float64"])
def test_a_plane_is_an_image(viewer_model: ViewerModel, dtype: str) -> None:
    layer = viewer_model.add_image(np.zeros((40, 50), dtype), name="cells")
    image = image_of(layer)
    assert (image.name, image.axes, image.shape) == ("cells", "YX", (40, 50))
    assert image.dtype == np.dtype(dtype)
    assert (image.colours, image.plane_count) == (1, 1)
    assert image.nbytes == 40 * 50 * np.dtype(dtype).itemsize
    assert image.layout == Layout("YX", (40, 50))


@pytest.mark.parametrize("samples", [3, 4])
def test_colours_are_samples(viewer_model: ViewerModel, samples: int) -> None:
    layer = viewer_model.add_image(np.zeros((7, 40, 50, samples), np.uint8), rgb=True)
    image = image_of(layer)
    assert (image.axes, image.colours, image.plane_count) == ("ZYXS", 3, 7)


def test_three_planes_are_no_colours_unless_the_layer_says_so(viewer_model: ViewerModel) -> None:
    layer = viewer_model.add_image(np.zeros((40, 50, 3), np.uint8), rgb=False)
    assert image_of(layer).axes == "ZYX"


def test_labels_and_units_of_a_layer_name_its_axes(viewer_model: ViewerModel) -> None:
    layer = viewer_model.add_image(
        np.zeros((2, 3, 4, 40, 50)),
        axis_labels=("channel", "what", "z", "y", "x"),
        units=("pixel", "s", "um", "um", "um"),
    )
    assert image_of(layer).axes == "CTZYX"


def test_lazy_arrays_are_read_by_the_plane(
    viewer_model: ViewerModel, rng: np.random.Generator
) -> None:
    pixels = rng.integers(0, 1000, (6, 5, 40, 50), np.uint16)
    lazy = OnlyPlanes(pixels)
    image = image_of(viewer_model.add_image(lazy, contrast_limits=(0, 1000), rgb=False))
    for plane in image.layout.planes():
        assert (image.layout.read(image.data, plane)[..., 0] == pixels[plane.index]).all()
    assert lazy.reads


def test_dask_arrays_stay_as_they_are(viewer_model: ViewerModel) -> None:
    data = dask.array.zeros((3, 5, 40, 50), dtype=np.int16, chunks=(1, 1, 40, 50))
    image = image_of(viewer_model.add_image(data, contrast_limits=(0, 1)))
    assert image.data is data
    assert image.axes == "CZYX"
    assert image.dtype == np.int16


def test_zarr_arrays_stay_as_they_are(viewer_model: ViewerModel) -> None:
    data = zarr.zeros((5, 40, 50), dtype="uint16", chunks=(1, 40, 50))
    image = image_of(viewer_model.add_image(data, contrast_limits=(0, 1)))
    assert image.data is data
    plane = next(image.layout.planes())
    assert image.layout.read(image.data, plane).shape == (40, 50, 1)


def test_level_zero_of_a_multiscale_layer_is_read(viewer_model: ViewerModel) -> None:
    levels = [np.full((80 >> i, 96 >> i), i, np.uint16) for i in range(3)]
    image = image_of(viewer_model.add_image(levels, multiscale=True, contrast_limits=(0, 9)))
    assert image.shape == (80, 96)
    assert not np.asarray(image.data[:, :]).any()


def test_dtypes_of_other_libraries_are_understood(viewer_model: ViewerModel) -> None:
    pixels = np.arange(2000, dtype=np.float32).reshape(40, 50)
    layer = viewer_model.add_image(ForeignDtype(pixels), contrast_limits=(0, 1))
    image = image_of(layer)
    assert image.dtype == np.float32
    assert (np.asarray(image.data[:, :]) == pixels).all()
    assert (np.asarray(image.data[3:5]) == pixels[3:5]).all()


def test_more_leading_axes_than_letters_are_seen_as_fewer(
    viewer_model: ViewerModel, rng: np.random.Generator
) -> None:
    pixels = rng.integers(0, 1000, (2, 3, 5, 2, 40, 50), np.uint16)
    layer = viewer_model.add_image(OnlyPlanes(pixels), contrast_limits=(0, 1000))
    image = image_of(layer)
    assert (image.axes, image.shape) == ("TZCYX", (6, 5, 2, 40, 50))
    flat = pixels.reshape(image.shape)
    for plane in image.layout.planes():
        assert (image.layout.read(image.data, plane)[..., 0] == flat[plane.index]).all()
    assert image.as_layer(flat).shape == pixels.shape
    assert image.as_layer(flat[..., :20, :25].copy()).shape == (2, 3, 5, 2, 20, 25)
    assert image.as_layer(np.zeros((6, 5, 2, 20, 25, 3))).shape == (2, 3, 5, 2, 20, 25, 3)


def test_merged_axes_slice_as_numpy_does(
    viewer_model: ViewerModel, rng: np.random.Generator
) -> None:
    pixels = rng.integers(0, 1000, (2, 3, 5, 2, 8, 9), np.uint16)
    image = image_of(viewer_model.add_image(pixels))
    flat = pixels.reshape(image.shape)
    for index in (3, slice(1, 5), (slice(None), 2), (4, slice(1, 3), 1, slice(2, 6))):
        assert (image.data[index] == flat[index]).all()


def test_an_lr_layer_has_the_axes_of_its_record(viewer_model: ViewerModel) -> None:
    record = make_record("TYX", (3, 80, 100))
    metadata = {"irrm": Provenance("lr", record).to_metadata()}
    layer = viewer_model.add_image(np.zeros((3, 40, 50), np.uint16), rgb=False, metadata=metadata)
    assert image_of(layer).axes == "TYX"


def test_an_lr_layer_of_merged_axes_is_merged_in_the_same_way(viewer_model: ViewerModel) -> None:
    record = make_record("CTZYX", (2, 15, 7, 80, 100), ranges=((0, 1), (0, 2)))
    metadata = {"irrm": Provenance("lr", record).to_metadata()}
    pixels = np.zeros((2, 3, 5, 7, 40, 50), np.uint16)
    image = image_of(viewer_model.add_image(pixels, metadata=metadata))
    assert (image.axes, image.shape) == ("CTZYX", (2, 15, 7, 40, 50))


def test_a_tripled_lr_and_its_restoration_have_the_axes_of_the_record(
    viewer_model: ViewerModel,
) -> None:
    record = make_record("TYX", (3, 80, 100), tripled=True)
    lr = viewer_model.add_image(
        np.zeros((3, 40, 50, 3), np.uint16),
        rgb=True,
        metadata={"irrm": Provenance("lr", record).to_metadata()},
    )
    restored = viewer_model.add_image(
        np.zeros((3, 80, 100), np.uint16),
        rgb=False,
        metadata={"irrm": Provenance("restored", record).to_metadata()},
    )
    assert image_of(lr).axes == "TYXS"
    assert image_of(restored).axes == "TYX"


def test_an_lr_layer_that_was_cut_is_an_image_like_any_other(viewer_model: ViewerModel) -> None:
    record = make_record("TYX", (30, 80, 100))
    metadata = {"irrm": Provenance("lr", record).to_metadata()}
    layer = viewer_model.add_image(np.zeros((9, 20, 20), np.uint16), metadata=metadata)
    assert image_of(layer).axes == "ZYX"


@pytest.mark.parametrize(
    ("add", "data", "reason"),
    [
        ("add_labels", np.zeros((8, 8), np.int32), "numbers of objects"),
        ("add_points", np.zeros((3, 2)), "no pixels"),
        ("add_image", np.zeros((8, 8), bool), "mask"),
        ("add_image", np.zeros((8, 8), np.int64), "uint16"),
        ("add_image", np.zeros((8, 8), np.uint64), "uint64"),
    ],
)
def test_what_cannot_be_rescaled_is_refused_with_the_reason(
    viewer_model: ViewerModel, add: str, data: Any, reason: str
) -> None:
    layer = getattr(viewer_model, add)(data, name="cells")
    with pytest.raises(LayerRefusedError, match=reason) as refused:
        image_of(layer)
    assert "layer 'cells'" in str(refused.value)
    assert ";" in str(refused.value) or ":" in str(refused.value)
    assert refusal(layer) == str(refused.value)


def test_what_can_be_rescaled_is_not_refused(viewer_model: ViewerModel) -> None:
    lazy = OnlyPlanes(np.zeros((4, 8, 8), ">u2"))
    layer = viewer_model.add_image(lazy, contrast_limits=(0, 1))
    lazy.reads.clear()
    assert refusal(layer) is None
    assert not lazy.reads


def test_layers_whose_planes_are_not_last_are_refused(viewer_model: ViewerModel) -> None:
    layer = viewer_model.add_image(np.zeros((40, 50, 7)), axis_labels=("Y", "X", "C"))
    with pytest.raises(LayerRefusedError, match="move Y and X to the end"):
        image_of(layer)
    layer.axis_labels = ("z", "x", "y")
    assert refusal(layer) is None


def test_the_plane_on_screen_follows_the_sliders(viewer_model: ViewerModel) -> None:
    layer = viewer_model.add_image(np.zeros((4, 5, 30, 40)), scale=(2, 0.5, 1, 1))
    image = image_of(layer)
    for t, z in ((0, 0), (3, 1), (2, 4)):
        viewer_model.dims.set_current_step((0, 1), (t, z))
        assert plane_on_screen(layer, image) == t * 5 + z


def test_the_plane_on_screen_of_a_moved_and_a_rotated_layer(viewer_model: ViewerModel) -> None:
    viewer_model.add_image(np.zeros((10, 30, 40)))
    layer = viewer_model.add_image(np.zeros((4, 30, 40)), translate=(5, 0, 0), rotate=30)
    image = image_of(layer)
    viewer_model.dims.set_point(0, 7)
    assert plane_on_screen(layer, image) == 2
    viewer_model.dims.set_point(0, 0)
    assert plane_on_screen(layer, image) == 0


def test_the_plane_on_screen_of_merged_axes(viewer_model: ViewerModel) -> None:
    layer = viewer_model.add_image(np.zeros((2, 3, 5, 2, 8, 9)))
    image = image_of(layer)
    viewer_model.dims.set_current_step((0, 1, 2, 3), (1, 2, 3, 1))
    planes = list(image.layout.planes())
    assert planes[plane_on_screen(layer, image)].index[:3] == (5, 3, 1)


def test_a_single_plane_is_the_one_on_screen(viewer_model: ViewerModel) -> None:
    layer = viewer_model.add_image(np.zeros((30, 40, 3), np.uint8), rgb=True)
    viewer_model.add_image(np.zeros((10, 30, 40)))
    assert plane_on_screen(layer, image_of(layer)) == 0


def test_in_3d_and_transposed_views_a_middle_plane_counts(viewer_model: ViewerModel) -> None:
    layer = viewer_model.add_image(np.zeros((3, 9, 30, 40)))
    image = image_of(layer)
    viewer_model.dims.set_current_step(0, 2)
    viewer_model.dims.ndisplay = 3
    assert plane_on_screen(layer, image) == 2 * 9 + 4
    viewer_model.dims.ndisplay = 2
    viewer_model.dims.order = (0, 2, 1, 3)
    assert plane_on_screen(layer, image) == 2 * 9 + 4


def test_a_hidden_layer_has_a_plane_on_screen(viewer_model: ViewerModel) -> None:
    layer = viewer_model.add_image(np.zeros((9, 30, 40)), visible=False)
    viewer_model.dims.set_current_step(0, 6)
    assert plane_on_screen(layer, image_of(layer)) == 6
