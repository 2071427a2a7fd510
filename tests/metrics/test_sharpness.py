"""How strong detail is, relative to the original."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from irrm_core.errors import ImageDataError
from irrm_core.metrics import Sharpness, sharpness

SEEDS = st.integers(0, 2**32 - 1)
SHAPES = st.one_of(
    st.tuples(st.integers(1, 12), st.integers(1, 12)),
    st.tuples(st.integers(2, 9), st.integers(2, 9), st.integers(1, 3)),
)


def noise(seed: int, shape: tuple[int, ...]) -> NDArray[np.float64]:
    return np.random.default_rng(seed).uniform(0, 255, shape)


def blur(image: NDArray[np.float64], side: float, middle: float) -> NDArray[np.float64]:
    """Weigh three neighbours along each axis, the borders mirrored."""
    for axis in (0, 1):
        wide = np.pad(image, [(1, 1) if a == axis else (0, 0) for a in range(image.ndim)], "edge")
        before, here, after = (
            np.take(wide, range(k, k + image.shape[axis]), axis=axis) for k in range(3)
        )
        image = (side * (before + after) + middle * here) / (2 * side + middle)
    return image


@settings(max_examples=50, deadline=None)
@given(SEEDS, SHAPES)
def test_an_image_is_as_sharp_as_itself(seed: int, shape: tuple[int, ...]) -> None:
    image = noise(seed, shape)
    assert sharpness(image, image.copy()) == Sharpness(1.0, 1.0)


@settings(max_examples=50, deadline=None)
@given(SEEDS, SHAPES, st.floats(0, 3), st.floats(0.01, 3))
def test_blurring_never_sharpens(
    seed: int, shape: tuple[int, ...], side: float, middle: float
) -> None:
    image = noise(seed, shape)
    found = sharpness(image, blur(image, side, middle))
    assert found.edges <= 1 + 1e-9
    assert found.texture <= 1 + 1e-9


@settings(max_examples=50, deadline=None)
@given(SEEDS, st.floats(0.1, 3))
def test_more_blur_is_less_sharp(seed: int, side: float) -> None:
    image = noise(seed, (12, 12))
    once = blur(image, side, 1.0)
    twice = blur(once, side, 1.0)
    first, second = sharpness(image, once), sharpness(image, twice)
    assert second.edges < first.edges < 1
    assert second.texture < first.texture < 1


@settings(max_examples=50, deadline=None)
@given(SEEDS, st.floats(0.1, 10), st.floats(-100, 100))
def test_contrast_counts_and_brightness_does_not(seed: int, gain: float, offset: float) -> None:
    image, other = noise(seed, (7, 8)), noise(seed + 1, (7, 8))
    plain, changed = sharpness(image, other), sharpness(image, gain * other + offset)
    assert changed.edges == pytest.approx(gain * plain.edges)
    assert changed.texture == pytest.approx(gain * plain.texture)


@settings(max_examples=50, deadline=None)
@given(SEEDS)
def test_the_way_an_image_is_turned_does_not_count(seed: int) -> None:
    image, other = noise(seed, (7, 11)), noise(seed + 1, (7, 11))
    plain = sharpness(image, other)
    for turn in (np.flipud, np.fliplr, np.transpose):
        turned = sharpness(turn(image), turn(other))
        assert turned.edges == pytest.approx(plain.edges)
        assert turned.texture == pytest.approx(plain.texture)


def test_big_images_are_measured_as_small_ones_are() -> None:
    """An image of several bands, computed at once."""
    x, y = noise(0, (1500, 200)), noise(1, (1500, 200))

    def strength(image: NDArray[np.float64]) -> tuple[float, float]:
        wide = np.pad(image, 1, "edge")
        sum_of_four = wide[2:, 1:-1] + wide[:-2, 1:-1] + wide[1:-1, 2:] + wide[1:-1, :-2]
        edges = sum(np.abs(np.diff(image, axis=axis)).sum() for axis in (0, 1))
        return float(edges), float(((sum_of_four - 4 * image) ** 2).sum())

    (edges, texture), (full_edges, full_texture) = strength(y), strength(x)
    found = sharpness(x, y)
    assert found.edges == pytest.approx(edges / full_edges)
    assert found.texture == pytest.approx(math.sqrt(texture / full_texture))


def test_unsigned_values_do_not_wrap() -> None:
    x = np.array([[0, 255, 0, 255]], np.uint8)
    assert sharpness(x.astype(np.float64), x) == Sharpness(1.0, 1.0)


def test_flat_images_are_as_sharp_as_each_other_and_detail_is_infinitely_sharper() -> None:
    flat = np.zeros((4, 4))
    assert sharpness(flat, flat + 3) == Sharpness(1.0, 1.0)
    assert sharpness(flat, noise(0, (4, 4))) == Sharpness(math.inf, math.inf)


def test_shapes_that_cannot_be_compared_are_refused() -> None:
    with pytest.raises(ImageDataError, match="cannot compare"):
        sharpness(np.zeros((4, 4)), np.zeros((4, 5)))
