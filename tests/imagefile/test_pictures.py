"""Every kind of picture is read as what it shows, and written without loss where promised."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image, ImageCms

from irrm_core.errors import ImageFileError, UsageError
from irrm_core.imagefile import open_image, read_image, write_image

RNG = np.random.default_rng(3)
GRAY = RNG.integers(0, 256, (13, 21), dtype=np.uint8)
RGB = RNG.integers(0, 256, (13, 21, 3), dtype=np.uint8)
RGBA = RNG.integers(0, 256, (13, 21, 4), dtype=np.uint8)


def _saved(path: Path, image: Image.Image, **options: Any) -> np.ndarray:
    image.save(path, **options)
    with open_image(path) as opened:
        pixels = opened.read()
        assert pixels.shape == opened.shape
    return pixels


@pytest.mark.parametrize("suffix", ["png", "tif", "bmp"])
@pytest.mark.parametrize("pixels", [GRAY, RGB])
def test_lossless_formats_give_back_the_same_array(
    tmp_path: Path, suffix: str, pixels: np.ndarray
) -> None:
    path = tmp_path / f"a.{suffix}"
    write_image(path, pixels)
    np.testing.assert_array_equal(read_image(path)[0], pixels)


@settings(max_examples=30, deadline=None)
@given(
    pixels=arrays(
        np.uint8,
        st.tuples(st.integers(1, 9), st.integers(1, 9), st.sampled_from([3, 4])),
        elements=st.sampled_from([0, 1, 128, 255]),
    )
)
def test_lossless_webp_keeps_every_value_under_every_alpha(
    tmp_path_factory: pytest.TempPathFactory, pixels: np.ndarray
) -> None:
    path = tmp_path_factory.mktemp("webp") / "a.webp"
    write_image(path, pixels, record=b"x" * 7)
    np.testing.assert_array_equal(read_image(path)[0], pixels)


@pytest.mark.parametrize("shape", [(13, 21), (13, 21, 3), (13, 21, 4)])
@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_sixteen_bits_stay_sixteen_bits(tmp_path: Path, suffix: str, shape: tuple[int]) -> None:
    pixels = RNG.integers(0, 65536, shape, dtype=np.uint16)
    path = tmp_path / f"a.{suffix}"
    write_image(path, pixels)
    read, info = read_image(path)
    assert info.bits == 16
    np.testing.assert_array_equal(read, pixels)


def test_sixteen_bit_colour_png_without_its_codec_is_refused_by_the_name_of_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "deep.png"
    write_image(path, RGB.astype(np.uint16) * 257)
    monkeypatch.setitem(sys.modules, "imagecodecs", None)
    with pytest.raises(ImageFileError, match=r"deep.png: .*napari-irrm\[codecs\]"):
        open_image(path)
    with pytest.raises(UsageError, match=r"napari-irrm\[codecs\]"):
        write_image(tmp_path / "b.png", RGB.astype(np.uint16))


def test_sixteen_bit_gray_png_with_alpha_becomes_rgba(tmp_path: Path) -> None:
    pair = RNG.integers(0, 65536, (13, 21, 2), dtype=np.uint16)
    path = tmp_path / "la.png"
    path.write_bytes(imagecodecs.png_encode(pair))
    np.testing.assert_array_equal(read_image(path)[0], pair[..., [0, 0, 0, 1]])


@pytest.mark.parametrize("suffix", ["png", "gif", "bmp"])
def test_a_palette_becomes_its_colours(tmp_path: Path, suffix: str) -> None:
    image = Image.fromarray(RGB).quantize(8)
    pixels = _saved(tmp_path / f"p.{suffix}", image)
    np.testing.assert_array_equal(pixels, np.asarray(image.convert("RGB")))


@pytest.mark.parametrize("suffix", ["png", "gif", "bmp"])
def test_a_palette_of_grays_becomes_gray(tmp_path: Path, suffix: str) -> None:
    image = Image.fromarray(GRAY)
    image.putpalette([v for v in range(255, -1, -1) for _ in range(3)])
    np.testing.assert_array_equal(_saved(tmp_path / f"p.{suffix}", image), 255 - GRAY)


@pytest.mark.parametrize("suffix", ["png", "gif"])
def test_a_transparent_palette_entry_becomes_alpha(tmp_path: Path, suffix: str) -> None:
    image = Image.fromarray(RGB).quantize(8)
    pixels = _saved(tmp_path / f"p.{suffix}", image, transparency=2)
    np.testing.assert_array_equal(pixels[..., 3] == 0, np.asarray(image) == 2)


def test_one_transparent_colour_becomes_alpha(tmp_path: Path) -> None:
    pixels = _saved(tmp_path / "t.png", Image.fromarray(GRAY), transparency=int(GRAY[0, 0]))
    np.testing.assert_array_equal(pixels[..., 3] == 0, GRAY[0, 0] == GRAY)
    np.testing.assert_array_equal(pixels[..., 1], GRAY)


@pytest.mark.parametrize("suffix", ["png", "tif", "bmp"])
def test_one_bit_pictures_are_black_and_white(tmp_path: Path, suffix: str) -> None:
    pixels = _saved(tmp_path / f"b.{suffix}", Image.fromarray(GRAY > 127))
    np.testing.assert_array_equal(pixels, np.where(GRAY > 127, 255, 0))


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_gray_with_alpha_becomes_rgba(tmp_path: Path, suffix: str) -> None:
    pixels = _saved(tmp_path / f"la.{suffix}", Image.fromarray(RGBA[..., :2], "LA"))
    np.testing.assert_array_equal(pixels, RGBA[..., [0, 0, 0, 1]])


@pytest.mark.parametrize("suffix", ["jpg", "tif"])
def test_cmyk_without_a_profile_is_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"cmyk.{suffix}"
    Image.fromarray(RGBA, "CMYK").save(path)
    with pytest.raises(ImageFileError, match=r"cmyk.*convert it to RGB"):
        open_image(path)


def test_a_stale_cmyk_profile_is_an_error_and_no_wrong_colours(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    path = tmp_path / "cmyk.jpg"
    Image.fromarray(RGBA, "CMYK").save(path, icc_profile=profile)
    with pytest.raises(ImageFileError, match=r"cmyk.jpg"):
        read_image(path)


@pytest.mark.parametrize("suffix", ["jpg", "avif"])
def test_lossy_formats_come_close_at_high_quality(
    tmp_path: Path, suffix: str, shared: Path
) -> None:
    pixels, _ = read_image(shared / "data/bench/Set5/img_002_SRF_4_HR.png")
    write_image(tmp_path / f"a.{suffix}", pixels, quality=98)
    read, info = read_image(tmp_path / f"a.{suffix}")
    assert info.axes == "YXS"
    assert np.abs(read.astype(int) - pixels).mean() < 1.5


@pytest.mark.parametrize(
    ("name", "pixels", "reason"),
    [
        ("a.jpg", RGBA, "transparency"),
        ("a.bmp", RGBA, "transparency"),
        ("a.jpg", RGB.astype(np.uint16), "uint16"),
        ("a.png", RGB.astype(np.float32), "float32"),
        ("a.webp", np.zeros((2, 16384), np.uint8), "WEBP ends at 16383"),
        ("a.xyz", RGB, "no format goes by this name"),
        ("a.gif", RGB, "no format goes by this name"),
    ],
)
def test_what_a_format_cannot_hold_is_refused_and_nothing_is_written(
    tmp_path: Path, name: str, pixels: np.ndarray, reason: str
) -> None:
    with pytest.raises(UsageError, match=rf"{name}.*{reason}"):
        write_image(tmp_path / name, pixels)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("key"),
    [
        (0,),
        (slice(None), 1),
        (slice(2, None, -1), 0),
        (Ellipsis, slice(1, 3), slice(2, 9)),
        (1, 1, slice(None), 3),
        (slice(5, 5),),
        (-1, -1, -1, -1),
        Ellipsis,
    ],
)
def test_an_open_stack_is_indexed_like_an_array(tmp_path: Path, key: Any) -> None:
    stack = RNG.integers(0, 65536, (3, 2, 7, 11), dtype=np.uint16)
    write_image(tmp_path / "a.tif", stack, axes="TCYX")
    with open_image(tmp_path / "a.tif") as image:
        assert image.axes == "TCYX"
        np.testing.assert_array_equal(image[key], stack[key])
        np.testing.assert_array_equal(np.asarray(image), stack)
        with pytest.raises(IndexError):
            image[3]


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "avif", "bmp", "tif"])
def test_an_open_picture_is_read_again_and_its_arrays_are_the_callers_own(
    tmp_path: Path, suffix: str
) -> None:
    write_image(tmp_path / f"a.{suffix}", RGB)
    with open_image(tmp_path / f"a.{suffix}") as image:
        first = image.read()
        kept = first.copy()
        first[:] = 0
        np.testing.assert_array_equal(image.read(), kept)
        np.testing.assert_array_equal(image[2:5, 3:9], kept[2:5, 3:9])
