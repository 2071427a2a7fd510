"""Tiles cover a plane once and leave no seam."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from irrm_core.engine.passes import NetworkPass
from irrm_core.engine.tiling import Span, TileGrid

GRIDS = st.builds(
    lambda rows, columns, halo, multiple: TileGrid(
        rows * multiple, columns * multiple, halo, multiple
    ),
    st.integers(1, 60),
    st.integers(1, 60),
    st.integers(0, 20),
    st.sampled_from([1, 2]),
)


@given(GRIDS, st.integers(1, 80))
def test_cores_cover_a_plane_once_and_halos_reach_as_far_as_there_is_plane(
    grid: TileGrid, side: int
) -> None:
    covered = np.zeros((grid.height, grid.width), int)
    for tile in grid.plan(side):
        covered[tile.rows.scaled(1), tile.columns.scaled(1)] += 1
        for core, outer, size in (
            (tile.rows, tile.outer_rows, grid.height),
            (tile.columns, tile.outer_columns, grid.width),
        ):
            assert core.size <= max(side, grid.multiple)
            assert outer.start % grid.multiple == core.start % grid.multiple == 0
            assert outer.size % grid.multiple == 0
            assert outer.start == 0 or core.start - outer.start >= grid.halo
            assert outer.stop == size or outer.stop - core.stop >= grid.halo
    assert (covered == 1).all()


def _assembled(grid: TileGrid, side: int, function: Any, source: Any, in_: int, out: int) -> Any:
    """Run a function of one tile over all; `in_` and `out` are pixels to an LR pixel."""
    whole = np.full((grid.height * out, grid.width * out, 3), np.nan, np.float32)
    for tile in grid.plan(side):
        result = function(source[tile.outer_rows.scaled(in_), tile.outer_columns.scaled(in_)])
        core = (
            tile.rows.within(tile.outer_rows, out),
            tile.columns.within(tile.outer_columns, out),
        )
        whole[tile.rows.scaled(out), tile.columns.scaled(out)] = result[core]
    return whole


@pytest.mark.parametrize("model", ["rgb-x4", "rgb-x2"])
@settings(
    deadline=None,
    max_examples=8,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(side=st.integers(5, 40))
def test_before_rounding_tiles_differ_from_the_whole_by_less_than_1e_5(
    rescaler: Any, picture: Any, model: str, side: int
) -> None:
    loaded = rescaler(model).model
    scale, multiple = loaded.card.scale, loaded.card.size_multiple // loaded.card.scale
    network = NetworkPass(loaded.network, "cpu", torch.float32)
    hr = picture(48 * scale, 32 * scale, 3, dtype="float32", high=1)
    down = TileGrid(48, 32, loaded.card.halo.downscale, multiple)
    lr = network.downscale(hr)
    tiled = _assembled(down, side, network.downscale, hr, scale, 1)
    assert np.abs(tiled - lr).max() < 1e-5
    back = TileGrid(48, 32, loaded.card.halo.restore, multiple)
    lr = lr.clip(0, 1)
    tiled = _assembled(back, side, lambda part: network.restore(part, None), lr, 1, scale)
    assert np.abs(tiled - network.restore(lr, None)).max() < 1e-5


@pytest.mark.parametrize("model", ["rgb-x4", "rgb-x2", "noise-x2"])
@settings(
    deadline=None,
    max_examples=6,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(tile=st.integers(20, 130))
def test_after_rounding_at_most_one_level_differs_in_under_half_a_percent(
    rescaler: Any, picture: Any, model: str, tile: int
) -> None:
    image = picture(101, 67, 3)
    whole = rescaler(model, tile=1000)
    reference = whole.downscale(image, seed=3)
    restored = whole.restore(reference)
    tiled = rescaler(model, tile=tile)
    for one, other in (
        (tiled.downscale(image, seed=3).image, reference.image),
        (tiled.restore(reference), restored),
    ):
        difference = np.abs(one.astype(int) - other)
        assert difference.max() <= 1
        assert (difference > 0).mean() < 0.005


def test_spans_count_from_the_start_of_their_outer_span() -> None:
    assert Span(6, 9).within(Span(4, 12)) == slice(2, 5)
    assert Span(6, 9).within(Span(4, 12), 4) == slice(8, 20)
