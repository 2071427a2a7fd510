"""JPEG files come back byte for byte, whatever is in them."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from PIL.ImageCms import ImageCmsProfile, createProfile

from irrm_core.archive.exact import ExactForm, decode_exact

Pixels = Callable[..., NDArray[Any]]
Exactly = Callable[..., tuple[Path, ExactForm]]

ODD: dict[str, dict[str, Any]] = {
    "plain": {},
    "progressive": {"progressive": True},
    "optimised": {"optimize": True},
    "subsampled": {"subsampling": 2},
    "with restart markers in rows": {"restart_marker_rows": 1},
    "with restart markers in blocks": {"restart_marker_blocks": 3},
    "with EXIF and XMP": {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0", "xmp": b"<x:xmpmeta/>"},
    "with a profile": {"icc_profile": ImageCmsProfile(createProfile("sRGB")).tobytes()},
    "with a comment": {"comment": b"\0\xff a comment"},
    "of quality 100": {"quality": 100},
}


def back(archive: Path) -> bytes:
    content = io.BytesIO()
    decode_exact(archive, content)
    return content.getvalue()


@pytest.mark.parametrize("kind", ODD)
def test_a_jpeg_is_transcoded_and_comes_back_byte_for_byte(
    kind: str, tmp_path: Path, pixels: Pixels, exactly: Exactly
) -> None:
    source = tmp_path / "photo.jpg"
    Image.fromarray(pixels(120, 150, 3)).save(source, **{"quality": 85, **ODD[kind]})
    archive, form = exactly(source)
    assert form == ExactForm.jxl_jpeg
    assert archive.stat().st_size < source.stat().st_size
    assert back(archive) == source.read_bytes()


def test_a_gray_jpeg_comes_back_byte_for_byte(
    tmp_path: Path, pixels: Pixels, exactly: Exactly
) -> None:
    source = tmp_path / "gray.jpg"
    Image.fromarray(pixels(97, 101)).save(source)
    archive, form = exactly(source)
    assert form == ExactForm.jxl_jpeg
    assert back(archive) == source.read_bytes()


def test_a_jpeg_with_a_profile_that_is_none_comes_back(
    tmp_path: Path, pixels: Pixels, exactly: Exactly
) -> None:
    source = tmp_path / "photo.jpg"
    Image.fromarray(pixels(120, 150, 3)).save(source, icc_profile=bytes(range(256)) * 300)
    archive, _ = exactly(source)
    assert back(archive) == source.read_bytes()


@pytest.mark.parametrize("garbage", [b"\0", b"garbage" * 500, b"\xff\xd8\xff\xe0 another"])
def test_a_jpeg_with_something_behind_it_comes_back_with_that(
    garbage: bytes, tmp_path: Path, pixels: Pixels, exactly: Exactly
) -> None:
    source = tmp_path / "photo.jpg"
    Image.fromarray(pixels(120, 150, 3)).save(source)
    source.write_bytes(source.read_bytes() + garbage)
    archive, _ = exactly(source)
    assert back(archive) == source.read_bytes()


def test_a_jpeg_that_jpeg_xl_does_not_take_falls_back_to_zstd(
    tmp_path: Path, pixels: Pixels, exactly: Exactly
) -> None:
    source = tmp_path / "print.jpg"
    Image.fromarray(pixels(64, 64, 3)).convert("CMYK").save(source)
    archive, form = exactly(source)
    assert form == ExactForm.zstd
    assert back(archive) == source.read_bytes()


@pytest.mark.parametrize("part", [0.01, 0.5, 0.999])
def test_a_jpeg_that_was_cut_off_comes_back_cut_off(
    part: float, tmp_path: Path, pixels: Pixels, exactly: Exactly
) -> None:
    source = tmp_path / "photo.jpg"
    Image.fromarray(pixels(120, 150, 3)).save(source)
    whole = source.read_bytes()
    source.write_bytes(whole[: int(len(whole) * part)])
    archive, _ = exactly(source)
    assert back(archive) == source.read_bytes()


def test_a_file_that_only_begins_like_a_jpeg_comes_back(tmp_path: Path, exactly: Exactly) -> None:
    source = tmp_path / "not.jpg"
    source.write_bytes(b"\xff\xd8\xff" + bytes(1000))
    archive, form = exactly(source)
    assert form == ExactForm.zstd
    assert back(archive) == source.read_bytes()


def test_other_software_sees_the_picture_in_a_transcoded_jpeg(
    tmp_path: Path, pixels: Pixels, exactly: Exactly
) -> None:
    import imagecodecs

    source = tmp_path / "photo.jpg"
    Image.fromarray(pixels(120, 150, 3)).save(source, quality=95, subsampling=0)
    archive, _ = exactly(source)
    seen = imagecodecs.jpegxl_decode(archive.read_bytes()).astype(int)
    assert np.abs(seen - np.asarray(Image.open(source)).astype(int)).max() <= 4
    assert imagecodecs.jpegxl_decode_jpeg(archive.read_bytes(), numthreads=1) == source.read_bytes()
