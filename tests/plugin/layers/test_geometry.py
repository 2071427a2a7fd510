"""Small images lie on their large ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from napari.components import ViewerModel
from numpy.typing import NDArray

from irrm_core.engine import Rescaler
from napari_irrm.layers import Placement, image_of, lr_arguments, placement_of, restored_arguments

from .conftest import blob, block_means, centroid

TOLERANCE = 0.01
"""HR pixels."""

RNG = np.random.default_rng(5)


def _affine(ndim: int) -> NDArray[Any]:
    matrix = np.eye(ndim + 1)
    matrix[-3:-1, -3:-1] = [[1.1, 0.3], [-0.2, 0.9]]
    matrix[:-1, -1] = RNG.uniform(-20, 20, ndim)
    return matrix


PLACES: dict[str, dict[str, Any]] = {
    "plain": {},
    "anisotropic": {"scale": (0.65, 0.21), "translate": (11.0, -7.5)},
    "mirrored": {"scale": (-0.5, 0.5), "translate": (3.0, 4.0)},
    "rotated": {"scale": (0.3, 0.2), "rotate": 33, "translate": (5.0, 6.0)},
    "sheared": {"scale": (0.3, 0.2), "shear": [0.4], "translate": (5.0, 6.0)},
    "sheared below": {"scale": (0.3, 0.2), "shear": np.array([[1.0, 0.0], [0.4, 1.0]])},
    "affine": {"scale": (0.3, 0.2), "affine": _affine(2)},
    "everything": {
        "scale": (0.3, 0.2),
        "translate": (5.0, 6.0),
        "rotate": -71,
        "shear": [0.4],
        "affine": _affine(2),
    },
}


def _misplaced(
    original: Any, other: Any, at: tuple[float, ...], other_at: tuple[float, ...]
) -> float:
    """Distance in HR pixels, as napari itself maps both points to the world."""
    back = original.world_to_data(other.data_to_world(other_at))
    return float(np.abs(np.array(back) - at).max())


@pytest.mark.filterwarnings("ignore:Non-orthogonal slicing")
@pytest.mark.parametrize("s", [2, 4])
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("size", [(96, 128), (97, 131)])
def test_a_blob_of_an_lr_lies_on_the_blob_of_its_original(
    viewer_model: ViewerModel, place: str, s: int, size: tuple[int, int]
) -> None:
    image = blob(*size, 41.3, 60.8)
    layer = viewer_model.add_image(image, **PLACES[place])
    placement = placement_of(layer).downscaled(s)
    lr = viewer_model.add_image(block_means(image, s), **placement.arguments())
    assert _misplaced(layer, lr, centroid(image), centroid(np.asarray(lr.data))) < TOLERANCE


@pytest.mark.parametrize("place", PLACES)
def test_a_restored_layer_lies_where_the_original_lies(
    viewer_model: ViewerModel, place: str
) -> None:
    image = blob(97, 131, 41.3, 60.8)
    layer = viewer_model.add_image(image, **PLACES[place])
    placement = placement_of(layer).downscaled(4).restored(4)
    again = viewer_model.add_image(image, **placement.arguments())
    for corner in ((0, 0), (96, 130), (0, 130)):
        assert again.data_to_world(corner) == pytest.approx(layer.data_to_world(corner), abs=1e-9)


@pytest.mark.filterwarnings("ignore:Non-orthogonal slicing")
@pytest.mark.parametrize("ndim", [3, 4, 5])
def test_leading_axes_keep_their_places_whatever_the_rotation(
    viewer_model: ViewerModel, ndim: int, rng: np.random.Generator
) -> None:
    shape = (*(2, 3, 2)[: ndim - 2], 65, 81)
    rotation, _ = np.linalg.qr(rng.standard_normal((ndim, ndim)))
    image = np.broadcast_to(blob(65, 81, 30.2, 44.7), shape).copy()
    layer = viewer_model.add_image(
        image,
        rgb=False,
        scale=rng.uniform(0.2, 3, ndim),
        translate=rng.uniform(-9, 9, ndim),
        rotate=rotation,
        shear=np.triu(rng.uniform(-0.3, 0.3, (ndim, ndim)), 1) + np.eye(ndim),
        affine=_affine(ndim),
    )
    arguments = placement_of(layer).downscaled(2).arguments()
    lr = viewer_model.add_image(block_means(image, 2), rgb=False, **arguments)
    plane = tuple(n - 1 for n in shape[:-2])
    here = (*plane, *centroid(image[plane]))
    there = (*plane, *centroid(np.asarray(lr.data)[plane]))
    assert _misplaced(layer, lr, here, there) < TOLERANCE


@pytest.mark.parametrize("samples", [3, 4])
def test_the_samples_of_rgb_are_no_dimension(viewer_model: ViewerModel, samples: int) -> None:
    image = np.repeat(blob(64, 80, 30.2, 44.7)[..., None], samples, axis=2)
    layer = viewer_model.add_image(image, rgb=True, scale=(0.5, 0.7), rotate=20)
    smaller = np.stack([block_means(image[..., i], 2) for i in range(samples)], axis=-1)
    arguments = placement_of(layer).downscaled(2).arguments()
    lr = viewer_model.add_image(smaller, rgb=True, **arguments)
    assert lr.ndim == 2
    here, there = centroid(image[..., 0]), centroid(smaller[..., 0])
    assert _misplaced(layer, lr, here, there) < TOLERANCE


def test_units_and_axis_labels_are_carried(viewer_model: ViewerModel) -> None:
    layer = viewer_model.add_image(
        np.zeros((2, 8, 8)),
        units=("second", "micrometer", "um"),
        axis_labels=("t", "rows", "columns"),
    )
    lr = viewer_model.add_image(
        np.zeros((2, 4, 4)), **placement_of(layer).downscaled(2).arguments()
    )
    assert lr.units == layer.units
    assert lr.axis_labels == layer.axis_labels


def test_the_edges_of_an_even_image_and_of_its_lr_coincide() -> None:
    layer = ViewerModel().add_image(np.zeros((8, 12)), scale=(2, 3), translate=(10, 20))
    lr = ViewerModel().add_image(np.zeros((4, 6)), **placement_of(layer).downscaled(2).arguments())
    half = np.array([1.0, 1.5])
    low, high = layer.extent.world
    lr_low, lr_high = lr.extent.world
    assert np.allclose((lr_low - 2 * half, lr_high + 2 * half), (low - half, high + half))


def test_placements_are_values() -> None:
    layer = ViewerModel().add_image(np.zeros((8, 12)), scale=(2, 3))
    assert placement_of(layer) == placement_of(layer)
    assert isinstance(hash(placement_of(layer)), int)
    assert placement_of(layer).downscaled(2).restored(2) == placement_of(layer)
    assert isinstance(placement_of(layer), Placement)


@pytest.mark.filterwarnings("ignore:Non-orthogonal slicing")
@pytest.mark.parametrize("model", ["irrm-fast-gray-x2", "irrm-fast-x4"])
def test_blobs_stay_in_place_through_a_real_model(viewer_model: ViewerModel, model: str) -> None:
    image = (200 + 3000 * blob(161, 175, 81.4, 90.7, sigma=12.0)).astype(np.uint16)
    layer = viewer_model.add_image(image, scale=(0.3, 0.2), rotate=33, affine=_affine(2))
    rescaler = Rescaler(model, device="cpu")
    made = rescaler.downscale(image)
    lr = viewer_model.add_image(made.image, **lr_arguments(layer, image_of(layer), made.record))
    # The noise of a model, far from the blob, would weigh much.
    here = centroid(image, floor=0.02)
    plane = made.image if made.image.ndim == 2 else made.image.mean(axis=2)
    # The detail that a model hides in its LR moves a centroid by some 0.02 pixels to and fro.
    assert _misplaced(layer, lr, here, centroid(plane, floor=0.02)) < 0.06
    restored = rescaler.restore(made)
    again = viewer_model.add_image(restored, **restored_arguments(lr, made.record, of=layer))
    assert _misplaced(layer, again, here, centroid(restored, floor=0.02)) < TOLERANCE
