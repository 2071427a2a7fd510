"""The published protocol: luma, borders, gray images and rounding."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage.metrics import structural_similarity

from irrm_core.errors import ImageDataError
from irrm_core.metrics import (
    bicubic_lr,
    bicubic_roundtrip,
    luma,
    modcrop,
    psnr,
    round8,
    score_pair,
    ssim,
)

RNG = np.random.default_rng(5)


def _pair(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    x = RNG.integers(0, 256, (height, width, 3), dtype=np.uint8)
    return x, round8(x + RNG.normal(0, 12, x.shape))


@pytest.mark.parametrize(("height", "width", "crop"), [(60, 50, 4), (900, 800, 2), (40, 40, 0)])
def test_a_pair_scores_as_its_inner_luma_and_colours_do(height: int, width: int, crop: int) -> None:
    x, y = _pair(height, width)
    score = score_pair(x, y, crop=crop)
    inner = (slice(crop, height - crop), slice(crop, width - crop))
    assert score.psnr_y == pytest.approx(psnr(luma(x[inner]), luma(y[inner])), abs=1e-9)
    assert score.ssim_y == pytest.approx(ssim(luma(x[inner]), luma(y[inner])), abs=1e-12)
    assert score.psnr_rgb == pytest.approx(psnr(x[inner], y[inner]), abs=1e-9)


def test_ssim_of_a_pair_is_scikit_images_on_luma() -> None:
    x, y = _pair(70, 90)
    _, full = structural_similarity(
        luma(x),
        luma(y),
        data_range=255,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        full=True,
    )
    assert score_pair(x, y).ssim_y == pytest.approx(full[5:-5, 5:-5].mean(), abs=1e-9)


def test_gray_counts_as_gray_in_all_three_channels() -> None:
    x, y = (side[..., 0] for side in _pair(40, 30))
    tripled = [np.dstack([side] * 3) for side in (x, y)]
    assert score_pair(x, y, crop=2) == score_pair(*tripled, crop=2)
    assert score_pair(x, tripled[1], crop=2) == score_pair(*tripled, crop=2)


def test_errors_in_the_border_do_not_count() -> None:
    x, _ = _pair(30, 30)
    y = x.copy()
    y[:4], y[:, -4:] = 255 - y[:4], 255 - y[:, -4:]
    score = score_pair(x, y, crop=4)
    assert score.psnr_y == score.psnr_rgb == np.inf
    assert score_pair(x, y, crop=3).psnr_y < 60


def test_an_image_too_small_for_the_window_is_refused_with_its_size() -> None:
    x, y = _pair(18, 40)
    with pytest.raises(ImageDataError, match=r"18x40 pixels is too small.*border of 4"):
        score_pair(x, y, crop=4)


def test_an_image_with_alpha_is_refused() -> None:
    with pytest.raises(ImageDataError, match=r"\(20, 20, 4\)"):
        score_pair(np.zeros((20, 20, 4)), np.zeros((20, 20, 4)))


def test_modcrop_cuts_bottom_and_right() -> None:
    x = np.arange(7 * 10).reshape(7, 10)
    np.testing.assert_array_equal(modcrop(x, 4), x[:4, :8])


def test_rounding_clamps_what_bicubic_overshoots() -> None:
    assert round8(np.array([-9.0, 0.4, 254.6, 300.0])).tolist() == [0, 0, 255, 255]


PUBLISHED = {
    ("Set5", 4): (28.42, 0.8104),
    ("Set14", 4): (26.00, 0.7027),
    ("Set5", 2): (33.66, 0.9299),
    ("Set14", 2): (30.24, 0.8688),
}


@pytest.mark.shared
@pytest.mark.parametrize(("name", "scale"), PUBLISHED)
def test_bicubic_scores_what_papers_publish(shared: Path, name: str, scale: int) -> None:
    scores = []
    for path in sorted((shared / "data" / "bench" / name).glob("*.png")):
        with Image.open(path) as opened:
            hr = modcrop(np.asarray(opened), scale)
        assert bicubic_lr(hr, scale).shape[0] == hr.shape[0] // scale
        sides = [side[scale:-scale, scale:-scale] for side in (hr, bicubic_roundtrip(hr, scale))]
        if hr.ndim == 3:
            sides = [luma(side) for side in sides]
        # The published bicubic rows take a gray image as its own luma. Tripled, as the
        # networks' rows have it, its contrast is 219/255 and Set14's mean 0.09 dB higher.
        scores.append((psnr(*sides), ssim(*sides)))
    published_psnr, published_ssim = PUBLISHED[name, scale]
    assert np.mean([s[0] for s in scores]) == pytest.approx(published_psnr, abs=0.03)
    assert np.mean([s[1] for s in scores]) == pytest.approx(published_ssim, abs=0.0015)
