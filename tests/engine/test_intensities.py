"""Ranges, hot pixels, NaN and constants."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from irrm_core.errors import ImageDataError, UsageError


def _rms(a: Any, b: Any) -> float:
    return float(np.sqrt(np.square(a.astype(float) - b).mean()))


def test_the_range_is_that_of_the_whole_stack_so_that_nothing_flickers(
    rescaler: Any, picture: Any
) -> None:
    frames = [picture(16, 16, dtype="uint16", low=100, high=100 + 500 * n) for n in (1, 4)]
    stack = np.stack(frames)
    (mapping,) = rescaler("gray-x2").downscale(stack, axes="TYX").record.mappings
    assert (mapping.low, mapping.high) == (stack.min(), stack.max())


def test_every_channel_has_a_range_of_its_own(rescaler: Any, picture: Any) -> None:
    channels = [picture(16, 16, dtype="uint16", high=10**n) for n in (2, 3, 4)]
    record = rescaler("gray-x2").downscale(np.stack(channels), axes="CYX").record
    assert [m.high for m in record.mappings] == [c.max() for c in channels]


def test_the_colours_of_a_16_bit_picture_share_one_range(rescaler: Any, picture: Any) -> None:
    image = picture(16, 16, 3, dtype="uint16", high=60000) // [1, 2, 4]
    record = rescaler("rgb-x2").downscale(image.astype(np.uint16)).record
    assert len(record.mappings) == 1


def test_the_lr_leaves_headroom_at_both_ends(rescaler: Any) -> None:
    image = np.zeros((32, 32), np.uint16)
    image[:, 16:] = 5000
    # The LR of a fresh network is the block mean.
    lr = rescaler("fresh-x2").downscale(image).image
    assert lr.min() == round(0.02 * 65535)
    assert lr.max() == round(0.98 * 65535)


@pytest.mark.parametrize("dtype", ["uint16", "float32"])
def test_hot_pixels_spoil_no_others_and_come_back_exactly(
    rescaler: Any, picture: Any, dtype: str
) -> None:
    gray = rescaler("gray-x2")
    image = picture(48, 56, dtype=dtype, low=200, high=1200)
    hot = image.copy()
    hot[[5, 20, 31], [7, 40, 12]] = [65535, 64000, 9000]
    without, result = gray.roundtrip(image), gray.roundtrip(hot)
    assert result.downscaled.record.mappings == without.downscaled.record.mappings
    others = hot == image
    assert (result.restored[~others] == hot[~others]).all()
    assert _rms(result.restored[others], hot[others]) < 1.1 * _rms(without.restored, image)
    assert len(result.downscaled.record.to_bytes()) < 600


def test_bright_structures_are_the_image_and_no_outliers(rescaler: Any, picture: Any) -> None:
    image = picture(64, 64, dtype="uint16", low=100, high=300)
    image[20:26, 30:36] = 50000
    made = rescaler("gray-x2").downscale(image)
    assert made.record.mappings[0].high == 50000
    assert not made.side_data


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_an_error_that_says_where(rescaler: Any, value: float) -> None:
    stack = np.ones((3, 20, 30), np.float32)
    stack[1, 17, 4] = value
    with pytest.raises(ImageDataError, match="Z=1, Y=17, X=4"):
        rescaler("gray-x2").downscale(stack, axes="ZYX")


def test_what_is_not_finite_is_filled_on_request_and_comes_back(
    rescaler: Any, picture: Any
) -> None:
    image = picture(40, 44, dtype="float32", low=-3, high=5)
    holed = image.copy()
    holed[10:25, 5:30] = np.nan
    holed[3, 3], holed[4, 40] = np.inf, -np.inf
    result = rescaler("gray-x2").roundtrip(holed, nonfinite="fill")
    finite = np.isfinite(holed)
    assert np.array_equal(result.restored[~finite], holed[~finite], equal_nan=True)
    assert np.isfinite(result.restored[finite]).all()
    alone = rescaler("gray-x2").roundtrip(image)
    far = np.zeros_like(finite)
    far[32:] = True
    assert _rms(result.restored[far], image[far]) < 1.1 * _rms(alone.restored[far], image[far])


def test_an_unknown_wish_for_nan_is_refused(rescaler: Any, picture: Any) -> None:
    with pytest.raises(UsageError, match="'zero' is unknown"):
        rescaler("gray-x2").downscale(picture(8, 8), nonfinite="zero")


def test_an_image_of_nothing_but_nan_comes_back(rescaler: Any) -> None:
    image = np.full((9, 9), np.nan, np.float64)
    assert np.isnan(rescaler("gray-x2").roundtrip(image, nonfinite="fill").restored).all()


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (0, "uint16"),
        (65535, "uint16"),
        (-32768, "int16"),
        (2**32 - 1, "uint32"),
        (0.1, "float32"),
        (-7e300, "float64"),
        *((n / 7, "float64") for n in range(1, 7)),
    ],
)
def test_constant_images_come_back_exactly(rescaler: Any, value: float, dtype: str) -> None:
    image = np.full((11, 10), value, dtype)
    assert (rescaler("gray-x2").roundtrip(image).restored == image).all()


def test_a_small_signal_on_a_large_offset_is_kept(rescaler: Any, picture: Any) -> None:
    image = picture(32, 32, dtype="float64", low=0, high=1)
    offset = rescaler("gray-x2").roundtrip(image + 1e9).restored - 1e9
    plain = rescaler("gray-x2").roundtrip(image).restored
    assert np.abs(offset - plain).max() < 1e-4


def test_the_widest_floats_do_not_overflow(rescaler: Any, picture: Any) -> None:
    image = picture(24, 24, dtype="float64", low=-1, high=1) * 1.7e308
    restored = rescaler("gray-x2").roundtrip(image).restored
    assert np.isfinite(restored).all()
    assert np.abs(restored / 2 - image / 2).max() < 0.5e308
    noise = np.random.default_rng(0).choice([-1.7e308, 1.7e308], (24, 24))
    assert 0 < rescaler("gray-x2").roundtrip(noise).downscaled.record.quality["psnr"] < 20


@pytest.mark.parametrize("samples", [2, 4])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_alpha_is_a_block_mean_in_the_lr_and_comes_back_exactly(
    rescaler: Any, picture: Any, samples: int, dtype: str
) -> None:
    full = {"uint8": 255, "uint16": 65535, "float32": 1}[dtype]
    image = picture(19, 23, samples, dtype=dtype, high=full)
    image[:8, :8, -1], image[8:, :, -1] = 0, full
    result = rescaler("rgb-x4").roundtrip(image, axes="YXS")
    lr = result.downscaled.image
    assert lr.shape == (5, 6, 4)
    assert lr[0, 0, 3] == 0
    assert lr[4, 5, 3] == np.iinfo(lr.dtype).max
    assert (result.restored[..., -1] == image[..., -1]).all()


def test_constant_alpha_costs_a_number_and_no_side_data(rescaler: Any, picture: Any) -> None:
    image = picture(16, 16, 4)
    image[..., 3] = 200
    made = rescaler("rgb-x4").downscale(image)
    assert not made.side_data
    assert made.record.alpha == 200
    assert (rescaler("rgb-x4").restore(made)[..., 3] == 200).all()
    assert (made.image[..., 3] == 200).all()
