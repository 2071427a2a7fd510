"""Antialiased bicubic resampling."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from irrm_core.metrics import bicubic

RNG = np.random.default_rng(11)
SIDE = st.integers(1, 90)


def _keys(t: float) -> float:
    t = abs(t)
    if t <= 1:
        return 1.5 * t**3 - 2.5 * t**2 + 1
    return -0.5 * t**3 + 2.5 * t**2 - 4 * t + 2 if t < 2 else 0.0


def _naive(line: np.ndarray, size: int) -> np.ndarray:
    """One line, sample by sample, the border mirrored as often as the kernel needs."""
    n, scale = len(line), size / len(line)
    stretch = min(scale, 1.0)
    out = []
    for position in range(size):
        centre = (position + 0.5) / scale - 0.5
        reach = int(np.ceil(2 / stretch)) + 1
        near = range(int(np.floor(centre)) - reach, int(np.floor(centre)) + reach + 1)
        weights = np.array([_keys((centre - k) * stretch) for k in near])
        mirrored = [k % (2 * n) if k % (2 * n) < n else 2 * n - 1 - k % (2 * n) for k in near]
        out.append((weights * line[mirrored]).sum() / weights.sum())
    return np.array(out)


@pytest.mark.parametrize(
    ("size_in", "size_out"),
    [(40, 10), (40, 20), (41, 10), (10, 40), (97, 33), (33, 97), (5, 1), (1, 3), (3, 2), (200, 50)],
)
def test_each_axis_is_the_kernel_written_naively(size_in: int, size_out: int) -> None:
    line = RNG.integers(0, 256, size_in).astype(float)
    expected = _naive(line, size_out)
    across = np.tile(line, (2, 1))
    np.testing.assert_allclose(bicubic(across, 2, size_out)[1], expected, atol=1e-9)
    np.testing.assert_allclose(bicubic(across.T, size_out, 2)[:, 1], expected, atol=1e-9)


@settings(max_examples=60, deadline=None)
@given(SIDE, SIDE, SIDE, SIDE, st.floats(-1e5, 1e5))
def test_a_constant_stays_constant(h: int, w: int, height: int, width: int, value: float) -> None:
    out = bicubic(np.full((h, w, 3), value), height, width)
    assert out.shape == (height, width, 3)
    np.testing.assert_allclose(out, value, rtol=1e-12, atol=1e-9)


@settings(max_examples=40, deadline=None)
@given(SIDE, SIDE, SIDE, SIDE, st.integers(0, 2**31))
def test_turning_the_picture_and_resampling_commute(
    h: int, w: int, height: int, width: int, seed: int
) -> None:
    image = np.random.default_rng(seed).random((h, w))
    out = bicubic(image, height, width)
    np.testing.assert_allclose(bicubic(image[::-1, ::-1], height, width)[::-1, ::-1], out)
    np.testing.assert_allclose(bicubic(image.T, width, height).T, out, atol=1e-12)


def test_channels_are_resampled_each_for_itself() -> None:
    image = RNG.integers(0, 65536, (50, 70, 3), dtype=np.uint16)
    out = bicubic(image, 25, 140)
    for channel in range(3):
        np.testing.assert_allclose(out[..., channel], bicubic(image[..., channel], 25, 140))


def test_large_images_in_blocks_equal_a_piece_taken_alone() -> None:
    image = RNG.integers(0, 256, (400, 2600), dtype=np.uint8)
    whole = bicubic(image, 100, 650)
    piece = bicubic(image[120:280, 1200:1600], 40, 100)
    np.testing.assert_allclose(whole[33:67, 303:397], piece[3:37, 3:97], atol=1e-10)


def test_the_same_size_gives_an_unchanged_copy() -> None:
    image = RNG.random((6, 7))
    out = bicubic(image, 6, 7)
    np.testing.assert_array_equal(out, image)
    assert not np.shares_memory(out, image)
