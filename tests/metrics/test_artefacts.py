"""Each artefact, planted, is found and measured; what is none is left alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from irrm_core import IrrmError
from irrm_core.metrics import bicubic_roundtrip
from irrm_core.metrics.artefacts import BLOCK, artefacts

Pixels = NDArray[np.uint8]
SPACING = 12
"""Pixels between planted dots: none is on another's ring."""


def gradient(side: int = 96) -> Pixels:
    """A smooth picture, in three colours that do not go together."""
    y, x = np.indices((side, side)) / side
    return np.stack([60 + 90 * x, 150 - 80 * y, 80 + 60 * x * y], axis=2).astype(np.uint8)


@given(
    places=st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=20),
    size=st.integers(1, 3),
    gray=st.integers(40, 200),
)
@settings(max_examples=15, deadline=None)
def test_planted_dots_are_counted_whatever_their_size_and_place(
    places: set[tuple[int, int]], size: int, gray: int
) -> None:
    clean = np.full((96, 96, 3), gray, np.uint8)
    spotted = clean.copy()
    for row, column in places:
        y, x = row * SPACING, column * SPACING
        spotted[y : y + size, x : x + size] = (255, 0, 255)
    found = artefacts(clean, spotted)
    assert found.dots == len(places)
    assert artefacts(clean, clean).dots == 0


@given(seed=st.integers(0, 2**32 - 1), sigma=st.floats(0, 12))
@settings(max_examples=15, deadline=None)
def test_noise_is_not_taken_for_dots(seed: int, sigma: float) -> None:
    clean = gradient()
    noise = np.random.default_rng(seed).normal(0, sigma, clean.shape)
    noisy = np.clip(np.rint(clean + noise), 0, 255).astype(np.uint8)
    assert artefacts(clean, noisy).dots == 0


def test_lost_dots_coloured_lines_and_gray_dots_are_no_coloured_dots() -> None:
    clean = gradient()
    spotted, lined, specked = clean.copy(), clean.copy(), clean.copy()
    spotted[40:42, 40:42] = (255, 0, 255)
    lined[50] = (255, 0, 255)
    specked[20:22, 20:22] += 60
    assert artefacts(spotted, clean).dots == 0
    assert artefacts(clean, lined).dots == 0
    assert artefacts(clean, specked).dots == 0


def test_ringing_is_measured_beside_an_edge_and_noise_away_from_it() -> None:
    clean = np.full((64, 64, 3), 40, np.uint8)
    clean[:, 32:] = 200
    ringing, noisy = clean.copy(), clean.copy()
    ringing[:, [26, 28, 36, 38]] += 10
    noisy[:, :20:2] += 4
    beside, away = artefacts(clean, ringing), artefacts(clean, noisy)
    # Smooth are columns 24 to 29 and 34 to 39 of those within reach: four of twelve are wrong.
    assert beside.ringing == pytest.approx(10 * np.sqrt(4 / 12), rel=0.2)
    assert beside.noise == 0
    assert away.ringing == 0
    assert away.noise > 1


def test_a_pattern_between_two_hues_of_one_luma_is_noise() -> None:
    ramp = np.linspace(0, 1, 96)
    hues = np.array([150, 90, 120]) + np.outer(ramp, [80, -40, 13])
    clean = np.broadcast_to(np.rint(hues).astype(np.uint8), (96, 96, 3))
    hatched = clean.copy()
    hatched[:, ::4] += 8
    assert artefacts(clean, hatched).noise == pytest.approx(4, rel=0.01)


def test_blur_alone_raises_neither_dots_nor_noise() -> None:
    clean = np.zeros((64, 64, 3), np.uint8)
    clean[:, 32:] = 255
    blurred = artefacts(clean, bicubic_roundtrip(clean, 4), period=4)
    assert blurred.dots == 0
    assert blurred.noise < 1


@given(shift=st.tuples(*[st.integers(-20, 20)] * 3))
@settings(max_examples=15, deadline=None)
def test_a_shift_of_every_pixel_is_reported_by_channel_and_as_tint(
    shift: tuple[int, int, int],
) -> None:
    clean = gradient()
    found = artefacts(clean, (clean + np.array(shift)).astype(np.uint8))
    assert found.shift == pytest.approx(shift)
    assert (found.tint > 1e-3) == (len(set(shift)) > 1)
    assert found.dots == 0


def test_a_local_tint_is_found_that_cancels_in_the_mean() -> None:
    clean = gradient()
    tinted = clean.copy()
    tinted[:BLOCK, :BLOCK, 2] += 30
    tinted[-BLOCK:, -BLOCK:, 2] -= 30
    found = artefacts(clean, tinted)
    assert found.shift == pytest.approx((0, 0, 0))
    assert found.tint == pytest.approx(np.hypot(15, 30 * 0.081312), rel=1e-3)


@pytest.mark.parametrize("period", [2, 4])
def test_a_checkerboard_shows_in_the_period_it_has(period: int) -> None:
    clean = gradient()
    board = clean.copy()
    board[::period, ::period] += 8
    expected = 8 * np.sqrt((1 / period**2) * (1 - 1 / period**2))
    assert artefacts(clean, board, period=period).grid == pytest.approx(expected, rel=1e-3)
    assert artefacts(clean, clean, period=period).grid == 0


def test_only_newly_clipped_values_count() -> None:
    clean = gradient()
    clean[:8] = 255
    clipped = clean.copy()
    clipped[:16] = 255
    assert artefacts(clean, clipped).clipped == pytest.approx(8 / 96)


def test_a_gray_image_has_one_shift_and_no_dots() -> None:
    clean = gradient()[:, :, 0]
    spotted = clean.copy()
    spotted[40, 40] = 255
    found = artefacts(clean, spotted)
    assert found.dots == found.tint == 0
    assert len(found.shift) == 1
    assert found.noise > 0


@pytest.mark.parametrize(
    ("reference", "image"),
    [
        (gradient(), gradient()[:-1]),
        (gradient().astype(np.uint16), gradient()),
        (gradient()[:8], gradient()[:8]),
    ],
)
def test_what_cannot_be_compared_is_refused(reference: NDArray[Any], image: NDArray[Any]) -> None:
    with pytest.raises(IrrmError):
        artefacts(reference, image)
