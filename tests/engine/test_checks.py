"""A restoration is the right one, or an error that says why not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from irrm_core.engine import Downscaled, Rescaler, RestoreRecord, assume_record, hash_pixels
from irrm_core.errors import (
    DigestMismatchError,
    ModelNotFoundError,
    NoRecordError,
    PixelsChangedError,
    UsageError,
)
from irrm_core.zoo import find_card


@pytest.fixture
def made(rescaler: Any, picture: Any) -> Downscaled:
    result: Downscaled = rescaler().downscale(picture(37, 50, 3), measure=True)
    return result


def test_the_model_is_found_by_its_hash(made: Downscaled, rescaler: Any) -> None:
    again = Rescaler.for_record(made.record, device="cpu", precision="fp32")
    assert again.model.card.id == "rgb-x4@1"
    assert (again.restore(made) == rescaler().restore(made)).all()


def test_a_missing_model_is_an_error(made: Downscaled) -> None:
    with pytest.raises(ModelNotFoundError):
        Rescaler.for_record(replace(made.record, weights_hash="00" * 32))


def test_another_model_is_refused(made: Downscaled, rescaler: Any) -> None:
    with pytest.raises(ModelNotFoundError, match=r"rgb-x4@1.*not by rgb-x2@1"):
        rescaler("rgb-x2").restore(made)


def test_an_lr_without_a_record_is_refused(made: Downscaled, rescaler: Any) -> None:
    with pytest.raises(NoRecordError):
        rescaler().restore(made.image)


@pytest.mark.parametrize("change", ["pixel", "shape", "dtype"])
def test_changed_pixels_are_never_restored(made: Downscaled, rescaler: Any, change: str) -> None:
    lr = made.image.copy()
    if change == "pixel":
        lr[3, 4, 1] ^= 1
    lr = lr[:-1] if change == "shape" else lr.astype("u2") if change == "dtype" else lr
    with pytest.raises(PixelsChangedError, match="unedited"):
        rescaler().restore(lr, made.record)


def test_unchecked_pixels_are_restored_all_the_same(made: Downscaled, rescaler: Any) -> None:
    lr = made.image.copy()
    lr[3, 4, 1] ^= 1
    assert rescaler().restore(lr, made.record, check=False).shape == (37, 50, 3)


def test_a_claimed_size_that_the_lr_does_not_have_allocates_nothing(
    made: Downscaled, rescaler: Any
) -> None:
    huge = replace(made.record, hr_shape=(2**30, 2**30, 3))
    with pytest.raises(PixelsChangedError):
        rescaler().restore(made.image, huge)


def test_a_restoration_with_other_block_means_is_refused(made: Downscaled, rescaler: Any) -> None:
    assert len(made.record.digest) == 96
    means = np.frombuffer(made.record.digest, ">u2").copy()
    means[17] += 900
    with pytest.raises(DigestMismatchError, match="fp32"):
        rescaler().restore(made.image, replace(made.record, digest=means.tobytes()))
    assert rescaler().restore(made).shape == (37, 50, 3)


@pytest.mark.parametrize("size", [(1, 1), (3, 5), (40, 2)])
def test_small_images_have_digests_too(rescaler: Any, picture: Any, size: tuple[int, int]) -> None:
    made = rescaler("rgb-x2").downscale(picture(*size, 3), measure=True)
    assert made.record.digest
    assert rescaler("rgb-x2").restore(made).shape == (*size, 3)


@pytest.mark.parametrize("precision", ["fp32", "auto"])
@pytest.mark.parametrize("size", [(2, 2), (16, 9), (40, 60)])
def test_another_precision_agrees_with_the_digest(
    rescaler: Any, picture: Any, size: tuple[int, int], precision: str
) -> None:
    other = {"fp32": "auto", "auto": "fp32"}[precision]
    made = rescaler(precision=precision).downscale(picture(*size, 3), measure=True)
    assert rescaler(precision=other).restore(made).shape == (*size, 3)


def test_a_binary_image_may_round_a_pixel_the_other_way_on_another_device(
    rescaler: Any, picture: Any
) -> None:
    gray = rescaler("gray-x2")
    made = gray.downscale(picture(32, 32, dtype="uint16", high=1), measure=True)
    means = np.frombuffer(made.record.digest, ">u2").astype(int)
    # One of the 64 pixels of a block.
    means[5] += 65535 // 64 if means[5] < 32768 else -65535 // 64
    record = replace(made.record, digest=means.astype(">u2").tobytes())
    assert gray.restore(made.image, record, made.side_data).shape == (32, 32)
    means[5] += 8000 if means[5] < 32768 else -8000
    record = replace(made.record, digest=means.astype(">u2").tobytes())
    with pytest.raises(DigestMismatchError):
        gray.restore(made.image, record, made.side_data)


def test_changed_side_data_are_refused(rescaler: Any, picture: Any) -> None:
    image = picture(24, 24, 4)
    made = rescaler().downscale(image)
    other = {"alpha": made.side_data["alpha"][:, ::-1]}
    with pytest.raises(PixelsChangedError, match="beside the LR"):
        rescaler().restore(made.image, made.record, other)
    with pytest.raises(PixelsChangedError, match="beside the LR"):
        rescaler().restore(made.image, made.record, {})


def test_side_data_that_point_outside_the_image_are_refused(rescaler: Any, picture: Any) -> None:
    from irrm_core.engine import hash_side_data

    made = rescaler("gray-x2").downscale(picture(16, 16, dtype="uint16"))
    for gaps in ([300], [-1], [200, 200], [2**62, 2**62, 2**62]):
        side: dict[str, np.ndarray] = {
            "exact_gaps": np.array(gaps, np.int64),
            "exact_values": np.zeros(len(gaps), np.uint16),
        }
        record = replace(made.record, side_hash=hash_side_data(side))
        with pytest.raises(PixelsChangedError, match="do not fit"):
            rescaler("gray-x2").restore(made.image, record, side)


@pytest.mark.parametrize(
    "array", [np.array(3), np.array(["2020-01-01"], "M8[D]"), np.zeros((1, 24, 23), np.uint8)]
)
def test_side_data_of_any_kind_are_refused_in_words(
    rescaler: Any, picture: Any, array: np.ndarray
) -> None:
    made = rescaler().downscale(picture(24, 24, 4))
    with pytest.raises(PixelsChangedError, match="beside the LR"):
        rescaler().restore(made.image, made.record, {"alpha": array})


def test_a_record_without_the_alpha_of_its_image_is_refused(rescaler: Any, picture: Any) -> None:
    made = rescaler().downscale(picture(24, 24, 4))
    with pytest.raises(PixelsChangedError, match="do not fit"):
        rescaler().restore(made.image, replace(made.record, side_hash=None))


def test_a_record_of_other_colours_than_its_model_is_refused(rescaler: Any, picture: Any) -> None:
    made = rescaler().downscale(picture(24, 24))
    gray = made.image[..., 0]
    record = replace(made.record, tripled=False, lr_hash=hash_pixels(gray))
    with pytest.raises(PixelsChangedError, match="1 colour samples"):
        rescaler().restore(gray, record)


def test_the_same_lr_restores_to_the_same_bytes_twice(made: Downscaled, rescaler: Any) -> None:
    first = rescaler().restore(made)
    assert first.tobytes() == rescaler().restore(made).tobytes()


def test_a_measured_quality_is_that_of_the_restoration(rescaler: Any, picture: Any) -> None:
    image = picture(40, 44, 3)
    result = rescaler().roundtrip(image)
    mse = np.square(result.restored.astype(float) - image).mean()
    assert result.downscaled.record.quality["psnr"] == pytest.approx(
        10 * np.log10(255**2 / mse), abs=1e-9
    )
    measured = rescaler().downscale(image, measure=True)
    assert measured.record == result.downscaled.record
    assert not rescaler().downscale(image).record.digest


def test_a_foreign_lr_can_be_restored_by_assuming_its_model(rescaler: Any, picture: Any) -> None:
    image = picture(40, 48, 3)
    made = rescaler().downscale(image)
    record = assume_record(find_card("rgb-x4"), made.image)
    assert (rescaler().restore(made.image, record) == rescaler().restore(made)).all()
    lr = picture(9, 9, dtype="uint16", low=3000, high=60000)
    restored = rescaler("fresh-x2").restore(lr, assume_record(find_card("fresh-x2"), lr))
    assert abs(restored.mean() - lr.mean()) < 100


@pytest.mark.parametrize("level", [0, 300, 65535])
def test_an_assumed_model_keeps_the_whole_range_of_16_bits(rescaler: Any, level: int) -> None:
    lr = np.full((8, 9), level, np.uint16)
    record = assume_record(find_card("fresh-x2"), lr)
    assert RestoreRecord.from_bytes(record.to_bytes()) == record
    assert (rescaler("fresh-x2").restore(lr, record) == level).all()


def test_an_lr_that_the_assumed_model_cannot_have_made_is_refused(picture: Any) -> None:
    with pytest.raises(UsageError):
        assume_record(find_card("gray-x2"), picture(8, 8, 3))
    with pytest.raises(UsageError):
        assume_record(find_card("gray-x2"), picture(8, 8, dtype="float32"))
