"""PSNR and luma."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.color import rgb2ycbcr
from skimage.metrics import peak_signal_noise_ratio

from irrm_core.errors import ImageDataError
from irrm_core.metrics import luma, psnr

RNG = np.random.default_rng(3)


@pytest.mark.parametrize("shape", [(5, 7), (40, 30, 3), (900, 700)])
def test_psnr_is_scikit_images(shape: tuple[int, ...]) -> None:
    x = RNG.integers(0, 256, shape, dtype=np.uint8)
    y = RNG.integers(0, 256, shape, dtype=np.uint8)
    assert psnr(x, y) == pytest.approx(peak_signal_noise_ratio(x, y), abs=1e-9)


def test_unsigned_values_do_not_wrap() -> None:
    zero, one = np.zeros((3, 3), np.uint16), np.ones((3, 3), np.uint16)
    assert psnr(zero, one, peak=1) == psnr(one, zero, peak=1) == 0.0


def test_equal_images_have_infinite_psnr() -> None:
    x = RNG.integers(0, 256, (9, 9), dtype=np.uint8)
    assert psnr(x, x.copy()) == math.inf


@settings(max_examples=50, deadline=None)
@given(st.floats(1e-3, 1e4), st.integers(0, 2**31))
def test_psnr_depends_on_the_error_relative_to_the_peak_only(factor: float, seed: int) -> None:
    x, y = np.random.default_rng(seed).random((2, 6, 5))
    assert psnr(x * factor, y * factor, peak=factor) == pytest.approx(psnr(x, y, peak=1))


@pytest.mark.parametrize("other", [(4, 5), (0, 0)])
def test_shapes_that_cannot_be_compared_are_refused(other: tuple[int, int]) -> None:
    with pytest.raises(ImageDataError, match="cannot compare"):
        psnr(np.zeros(other), np.zeros((0, 0)))


def test_luma_is_bt601_and_not_rounded() -> None:
    x = RNG.integers(0, 256, (20, 30, 3), dtype=np.uint8)
    y = luma(x)
    np.testing.assert_allclose(y, rgb2ycbcr(x)[..., 0], atol=1e-9)
    assert not np.array_equal(y, np.round(y))


def test_luma_of_gray_is_that_of_gray_in_all_three_channels() -> None:
    x = RNG.integers(0, 256, (8, 9), dtype=np.uint8)
    np.testing.assert_allclose(luma(x), luma(np.dstack([x, x, x])), atol=1e-12)
