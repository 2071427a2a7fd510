"""Every size, every dtype, every order of axes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irrm_core.engine import Layout, hash_pixels
from irrm_core.engine.padding import Padding
from irrm_core.errors import UsageError


@pytest.mark.parametrize("model", ["rgb-x4", "rgb-x2"])
@pytest.mark.parametrize("size", [(1, 1), (1, 9), (2, 3), (5, 1), (7, 7), (8, 8), (33, 50)])
def test_any_size_comes_back_and_its_lr_is_the_size_divided_and_rounded_up(
    rescaler: Any, picture: Any, model: str, size: tuple[int, int]
) -> None:
    image = picture(*size, 3)
    result = rescaler(model).roundtrip(image)
    scale = result.downscaled.record.scale
    assert result.downscaled.image.shape == (-(-size[0] // scale), -(-size[1] // scale), 3)
    assert result.restored.shape == image.shape
    assert result.restored.dtype == image.dtype


@given(st.integers(1, 200), st.sampled_from([(2, 2), (2, 4), (4, 4), (3, 3), (8, 16)]))
def test_padding_keeps_every_pixel_in_place_and_only_repeats_what_is_there(
    size: int, network: tuple[int, int]
) -> None:
    scale, multiple = network
    padding = Padding(size, scale, multiple)
    rows = padding.hr_rows()
    assert rows.size == padding.padded_lr_size * scale
    assert rows.size % multiple == 0
    assert (rows[:size] == np.arange(size)).all()
    assert rows.max() == size - 1
    lr_rows = padding.lr_rows()
    assert (lr_rows[: padding.lr_size] == np.arange(padding.lr_size)).all()
    assert lr_rows.max() == padding.lr_size - 1


@pytest.mark.parametrize("size", [(61, 83), (62, 81)])
def test_padding_does_not_shift_the_picture(
    rescaler: Any, picture: Any, size: tuple[int, int]
) -> None:
    whole = picture(64, 84, 3)
    lr = rescaler("rgb-x4").downscale(whole).image
    cut = rescaler("rgb-x4").downscale(whole[: size[0], : size[1]]).image
    assert (cut[:4, :4] == lr[:4, :4]).all()


@pytest.mark.parametrize(
    "dtype",
    ["uint8", "int8", "uint16", "int16", "uint32", "int32", "float16", "float32", "float64"],
)
def test_every_dtype_comes_back_near_its_values(rescaler: Any, picture: Any, dtype: str) -> None:
    low, high = {"uint8": (0, 255), "int8": (-90, 100), "int16": (-3000, 9000)}.get(
        dtype, (7, 4000)
    )
    image = picture(32, 40, dtype=dtype, low=low, high=high)
    result = rescaler("gray-x2").roundtrip(image)
    assert result.downscaled.image.dtype == (np.uint8 if dtype == "uint8" else np.uint16)
    assert result.restored.dtype == image.dtype
    error = result.restored.astype(float) - image
    assert np.sqrt(np.square(error).mean()) < 0.08 * (high - low)
    assert result.restored.min() >= image.min() or dtype == "uint8"
    assert result.restored.max() <= image.max() or dtype == "uint8"


def test_big_endian_and_strided_images_are_read_as_they_are(rescaler: Any, picture: Any) -> None:
    image = picture(20, 24, dtype="uint16", low=100, high=3000)
    plain = rescaler("gray-x2").downscale(image)
    for same in (
        image.astype(">u2"),
        np.repeat(image, 2, axis=1)[:, ::2],
        np.asfortranarray(image),
    ):
        other = rescaler("gray-x2").downscale(same)
        assert (other.image == plain.image).all()
        assert other.record == plain.record


@pytest.mark.parametrize("axes", ["TCYX", "CYXT", "YXC"])
def test_each_plane_of_a_stack_is_rescaled_as_it_would_be_alone(
    rescaler: Any, picture: Any, axes: str
) -> None:
    sizes = {"T": 2, "C": 3, "Y": 17, "X": 22}
    shape = tuple(sizes[axis] for axis in axes)
    layout = Layout(axes, shape)
    stack = np.empty(shape, np.uint8)
    for plane in layout.planes():
        stack[plane.index] = np.roll(picture(17, 22), plane.number, axis=1)
    gray = rescaler("gray-x2")
    result = gray.roundtrip(stack, axes=axes)
    for plane in layout.planes():
        alone = gray.roundtrip(stack[plane.index])
        assert (result.downscaled.image[plane.index] == alone.downscaled.image).all()
        assert (result.restored[plane.index] == alone.restored).all()


class _Lazy:
    """Slices like an array and notes what it was asked for."""

    def __init__(self, pixels: Any) -> None:
        self.pixels, self.shape, self.dtype = pixels, pixels.shape, pixels.dtype
        self.largest = 0
        self.written = 0

    def __getitem__(self, index: Any) -> Any:
        part = self.pixels[index]
        self.largest = max(self.largest, part.size)
        return part

    def __setitem__(self, index: Any, value: Any) -> None:
        self.written += 1
        self.pixels[index] = value


def test_stacks_are_read_and_written_plane_by_plane(rescaler: Any, picture: Any) -> None:
    stack = np.stack([picture(16, 20, dtype="uint16", high=900 + n) for n in range(3)])
    lazy = _Lazy(stack)
    gray = rescaler("gray-x2")
    lr = _Lazy(np.zeros((3, 8, 10), np.uint16))
    made = gray.downscale(lazy, axes="ZYX", out=lr)
    assert lazy.largest == 16 * 20
    assert lr.written == 3
    assert (lr.pixels == gray.downscale(stack, axes="ZYX").image).all()
    out = _Lazy(np.zeros_like(stack))
    assert hash_pixels(lr) == made.record.lr_hash
    assert gray.restore(made, out=out) is out
    assert out.written == 3
    assert (out.pixels == gray.roundtrip(stack, axes="ZYX").restored).all()


def test_an_rgb_model_gives_single_channel_images_an_rgb_lr_and_gray_back(
    rescaler: Any, picture: Any
) -> None:
    image = picture(30, 41)
    result = rescaler("rgb-x2").roundtrip(image)
    assert result.downscaled.image.shape == (15, 21, 3)
    assert result.downscaled.record.lr_axes == "YXS"
    assert result.restored.shape == image.shape
    assert result.downscaled.record.quality["psnr"] > 20


def test_a_gray_model_takes_colours_only_as_independent_channels(
    rescaler: Any, picture: Any
) -> None:
    image = picture(16, 16, 3)
    with pytest.raises(UsageError, match="RGB model"):
        rescaler("gray-x2").downscale(image)
    assert rescaler("gray-x2").downscale(image, axes="YXC").image.shape == (8, 8, 3)


@pytest.mark.parametrize(
    ("shape", "axes"),
    [
        ((4, 5, 6), None),
        ((5,), None),
        ((2, 4, 5, 6), None),
        ((4, 5), "XY"),
        ((4, 5), "YXS"),
        ((4, 5, 6), "QYX"),
        ((4, 5, 6), "YXS"),
        ((3, 5, 6), "SYX"),
        ((0, 6), "YX"),
    ],
)
def test_axes_that_do_not_fit_are_refused(
    rescaler: Any, shape: tuple[int, ...], axes: str | None
) -> None:
    with pytest.raises(UsageError):
        rescaler().downscale(np.zeros(shape, np.uint8), axes=axes)


@pytest.mark.parametrize("dtype", ["bool", "int64", "uint64", "complex64", "U1"])
def test_dtypes_that_no_model_can_take_are_refused(rescaler: Any, dtype: str) -> None:
    with pytest.raises(UsageError, match="convert"):
        rescaler().downscale(np.zeros((8, 8), dtype))


def test_an_out_array_of_another_shape_or_dtype_is_refused(rescaler: Any, picture: Any) -> None:
    with pytest.raises(UsageError, match="out is"):
        rescaler("gray-x2").downscale(picture(8, 8), out=np.zeros((4, 4), np.uint16))
