"""SSIM against scikit-image and against the formula written naively."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from skimage.metrics import structural_similarity

from irrm_core.errors import ImageDataError
from irrm_core.metrics import ssim

RNG = np.random.default_rng(7)


def _pair(*shape: int) -> tuple[np.ndarray, np.ndarray]:
    smooth = np.add.outer(np.linspace(0, 150, shape[0]), np.linspace(0, 60, shape[1]))
    smooth = smooth.reshape(smooth.shape + (1,) * (len(shape) - 2)) + np.zeros(shape)
    x = np.clip(smooth + RNG.normal(20, 15, shape), 0, 255).round().astype(np.uint8)
    y = np.clip(x + RNG.normal(0, 9, shape), 0, 255).round().astype(np.uint8)
    return x, y


def _naive(x: np.ndarray, y: np.ndarray, peak: float) -> float:
    offsets = np.arange(11) - 5.0
    window = np.exp(-(offsets[:, None] ** 2 + offsets[None] ** 2) / 4.5)
    window /= window.sum()
    c1, c2 = (0.01 * peak) ** 2, (0.03 * peak) ** 2
    values = []
    for row in range(x.shape[0] - 10):
        for column in range(x.shape[1] - 10):
            a = x[row : row + 11, column : column + 11].astype(float)
            b = y[row : row + 11, column : column + 11].astype(float)
            ma, mb = (window * a).sum(), (window * b).sum()
            va, vb = (window * (a - ma) ** 2).sum(), (window * (b - mb) ** 2).sum()
            cov = (window * (a - ma) * (b - mb)).sum()
            top = (2 * ma * mb + c1) * (2 * cov + c2)
            values.append(top / ((ma**2 + mb**2 + c1) * (va + vb + c2)))
    return float(np.mean(values))


@pytest.mark.parametrize(("height", "width"), [(11, 11), (11, 40), (33, 12), (26, 31)])
def test_ssim_is_the_formula_written_naively(height: int, width: int) -> None:
    x, y = _pair(height, width)
    assert ssim(x, y) == pytest.approx(_naive(x, y, 255), abs=1e-9)


@pytest.mark.parametrize("shape", [(48, 61), (700, 900), (64, 50, 3)])
def test_ssim_is_scikit_images_over_the_valid_region(shape: tuple[int, ...]) -> None:
    x, y = _pair(*shape)
    _, full = structural_similarity(
        x.astype(np.float64),
        y.astype(np.float64),
        data_range=255,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        channel_axis=2 if len(shape) == 3 else None,
        full=True,
    )
    assert ssim(x, y) == pytest.approx(full[5:-5, 5:-5].mean(), abs=1e-9)


def test_ssim_scales_with_its_peak() -> None:
    x, y = _pair(30, 30)
    wide = ssim(x.astype(np.uint16) * 257, y.astype(np.uint16) * 257, peak=65535)
    assert wide == pytest.approx(ssim(x, y), abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(hnp.arrays(np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, min_side=11, max_side=24)))
def test_an_image_is_wholly_similar_to_itself(x: np.ndarray) -> None:
    assert ssim(x, x) == pytest.approx(1.0, abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**31))
def test_ssim_does_not_mind_which_image_is_called_the_reference(seed: int) -> None:
    x, y = np.random.default_rng(seed).integers(0, 256, (2, 14, 17)).astype(np.uint8)
    assert ssim(x, y) == pytest.approx(ssim(y, x), abs=1e-12)


def test_an_image_smaller_than_the_window_is_refused_with_its_size() -> None:
    x = np.zeros((10, 40), np.uint8)
    with pytest.raises(ImageDataError, match=r"11 pixels along each side, not \(10, 40\)"):
        ssim(x, x)


def test_images_of_different_shapes_are_refused() -> None:
    with pytest.raises(ImageDataError, match="cannot compare shapes"):
        ssim(np.zeros((20, 20)), np.zeros((20, 21)))
