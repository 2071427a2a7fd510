"""Smaller levels of large results, and the memory that they lie in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from napari.components import ViewerModel

from irrm_core.engine import Layout
from irrm_core.errors import OutOfMemoryError
from napari_irrm.layers import allocate, pyramid


def test_a_result_of_ordinary_size_has_one_level() -> None:
    result = np.zeros((4, 100, 200), np.uint16)
    made = pyramid(result, "ZYX")
    assert not made.multiscale
    assert made.levels[0] is result


def test_levels_halve_until_they_are_small() -> None:
    made = pyramid(np.zeros((2, 101, 260, 3), np.uint8), "ZYXS", large=250, smallest=70)
    assert [level.shape[1:3] for level in made.levels] == [(101, 260), (51, 130), (26, 65)]
    assert all(level.shape[0] == 2 and level.shape[3] == 3 for level in made.levels)


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint32", "int32", "float16", "float64"])
def test_levels_are_block_means_and_fill_plane_by_plane(
    dtype: str, rng: np.random.Generator
) -> None:
    pixels = rng.uniform(-100 if dtype[0] != "u" else 0, 100, (2, 3, 64, 96)).astype(dtype)
    made = pyramid(pixels, "TCYX", large=50, smallest=30)
    planes = list(Layout("TCYX", pixels.shape).planes())
    made.plane_done(planes[4])
    assert made.levels[1][1, 1].any()
    assert not made.levels[1][0].any()
    for plane in planes:
        made.plane_done(plane)
    means = pixels.astype(float).reshape(2, 3, 32, 2, 48, 2).mean(axis=(3, 5))
    assert np.abs(made.levels[1] - means).max() <= (0.5 if pixels.dtype.kind in "iu" else 0.1)


def test_large_integers_do_not_overflow() -> None:
    pixels = np.full((64, 64), np.iinfo(np.int32).min, np.int32)
    made = pyramid(pixels, "YX", large=50, smallest=32)
    made.plane_done(next(Layout("YX", (64, 64)).planes()))
    assert (made.levels[1] == pixels[0, 0]).all()


def test_the_last_row_and_column_of_odd_sizes_stand_for_two() -> None:
    pixels = np.arange(15.0).reshape(3, 5)
    made = pyramid(pixels, "YX", large=4, smallest=3)
    made.plane_done(next(Layout("YX", (3, 5)).planes()))
    assert made.levels[1].tolist() == [[3, 5, 6.5], [10.5, 12.5, 14]]


def test_napari_takes_a_pyramid_and_shows_it(viewer_model: ViewerModel) -> None:
    made = pyramid(np.ones((3, 300, 400), np.uint16), "ZYX", large=250, smallest=120)
    layer = viewer_model.add_image(
        list(made.levels), multiscale=made.multiscale, contrast_limits=(0, 1)
    )
    assert layer.multiscale
    assert len(layer.data) == 3


def test_what_fits_lies_in_memory_and_is_zero() -> None:
    array = allocate((30, 40), np.uint16)
    assert not isinstance(array, np.memmap)
    assert not array.any()


def test_what_does_not_fit_lies_on_a_file_that_leaves_nothing(tmp_path: Path) -> None:
    array = allocate((30, 40), np.float32, free=1000, folder=tmp_path)
    assert isinstance(array, np.memmap)
    assert not array.any()
    array[3] = 7
    assert (array[3] == 7).all()
    assert not list(tmp_path.iterdir())


def test_what_fits_nowhere_is_refused_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(OutOfMemoryError, match="TMPDIR"):
        allocate((1 << 20, 1 << 20, 1 << 6), np.float64, free=1000, folder=tmp_path)
