"""The difference of two planes."""

from __future__ import annotations

import numpy as np
import pytest

from napari_irrm.comparing.difference import difference_dtype, halve_by_strongest, subtract


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int16", "uint32", "int32"])
def test_the_largest_differences_of_integers_are_exact(dtype: str) -> None:
    info = np.iinfo(dtype)
    low, high = (np.full((3, 4, 1), value, dtype) for value in (info.min, info.max))
    out = np.empty((3, 4), difference_dtype(dtype))
    subtract(high, low, out)
    assert (out == float(info.max) - float(info.min)).all()
    subtract(low, high, out)
    assert (out == float(info.min) - float(info.max)).all()


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_differences_of_floats_are_signed(dtype: str) -> None:
    out = np.empty((1, 2), difference_dtype(dtype))
    subtract(np.array([[[0.5], [-3]]], dtype), np.array([[[1.5], [2]]], dtype), out)
    assert out.tolist() == [[-1, -5]]
    assert out.dtype == ("float64" if dtype == "float64" else "float32")


def test_the_colour_that_changed_most_speaks_for_the_pixel() -> None:
    before = np.array([[[10, 200, 30], [7, 7, 7]]], np.uint8)
    after = np.array([[[12, 190, 33], [7, 7, 8]]], np.uint8)
    out = np.empty((1, 2), np.int16)
    subtract(after, before, out)
    assert out.tolist() == [[-10, 1]]


def test_planes_of_many_bands_are_whole() -> None:
    random = np.random.default_rng(0)
    before, after = random.integers(0, 65536, (2, 700, 900, 3)).astype(np.uint16)
    out = np.empty((700, 900), difference_dtype("uint16"))
    subtract(after, before, out)
    signed = after.astype(np.int64) - before
    assert (np.abs(out) == np.abs(signed).max(axis=-1)).all()


def test_smaller_levels_keep_the_strongest_difference_of_either_sign() -> None:
    larger = np.array([[1, -4, 0], [2, 3, -5], [0, 7, 7]], np.int16)[..., None]
    smaller = np.empty((2, 2, 1), np.int16)
    halve_by_strongest(larger, smaller)
    assert smaller[..., 0].tolist() == [[-4, -5], [7, 7]]
