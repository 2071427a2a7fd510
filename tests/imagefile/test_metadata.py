"""What a file says about its picture survives, except what rescaling makes untrue."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageCms, ImageOps

from irrm_core.errors import UsageError
from irrm_core.imagefile import SourceMetadata, read_image, write_image

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
XMP = (
    b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-"
    b"syntax-ns#'><rdf:Description xmlns:tiff='http://ns.adobe.com/tiff/1.0/' "
    b"tiff:Orientation='6' tiff:Make='Some'/></rdf:RDF></x:xmpmeta>"
)
RGB = np.random.default_rng(5).integers(0, 256, (12, 20, 3), dtype=np.uint8)
EXPOSURE, PIXEL_X, PIXEL_Y, MAKER_NOTE = 0x829A, 0xA002, 0xA003, 0x927C


def _exif(orientation: int | None = None) -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "A Maker"
    exif[0x011A] = 300.0
    exif[0x011B] = 300.0
    if orientation:
        exif[0x0112] = orientation
    exif[0x8769] = {EXPOSURE: 0.005, PIXEL_X: 20, PIXEL_Y: 12, MAKER_NOTE: b"\1\2notes\xff"}
    exif[0x8825] = {1: "N", 2: (52.0, 31.0, 12.5)}
    return exif.tobytes()


def _exif_of(path: Path) -> Image.Exif:
    with Image.open(path) as image:
        exif = image.getexif()
        exif.get_ifd(0x8769)
        exif.get_ifd(0x8825)
        return exif


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["png", "webp", "tif"])
def test_the_orientation_is_applied_once(tmp_path: Path, suffix: str, orientation: int) -> None:
    source, copy = tmp_path / f"a.{suffix}", tmp_path / f"b.{suffix}"
    options: dict[str, Any] = {"lossless": True} if suffix == "webp" else {}
    if suffix == "tif":
        options["tiffinfo"] = {0x0112: orientation}
    else:
        options["exif"] = _exif(orientation)
    Image.fromarray(RGB).save(source, **options)
    with Image.open(source) as image:
        expected = np.asarray(ImageOps.exif_transpose(image))
    pixels, info = read_image(source)
    np.testing.assert_array_equal(pixels, expected)

    write_image(copy, pixels, metadata=info.metadata)
    np.testing.assert_array_equal(read_image(copy)[0], expected)
    exif = _exif_of(copy)
    assert exif.get(0x0112, 1) == 1
    if suffix != "tif":
        inner = exif.get_ifd(0x8769)
        assert (inner[PIXEL_Y], inner[PIXEL_X]) == expected.shape[:2]


def test_the_orientation_of_an_avif_is_applied_once(tmp_path: Path) -> None:
    smooth = np.zeros((64, 96, 3), np.uint8)
    smooth[:32, :48] = 255
    Image.fromarray(smooth).save(tmp_path / "a.avif", exif=_exif(6), quality=95)
    pixels, info = read_image(tmp_path / "a.avif")
    assert info.shape == pixels.shape == (96, 64, 3)
    assert pixels[8, 56].min() > 200
    assert pixels[8, 8].max() < 50


def test_the_orientation_in_xmp_counts_where_exif_has_none(tmp_path: Path) -> None:
    Image.fromarray(RGB).save(tmp_path / "a.webp", lossless=True, xmp=XMP)
    pixels, info = read_image(tmp_path / "a.webp")
    np.testing.assert_array_equal(pixels, np.rot90(RGB, -1))
    assert info.metadata.xmp == XMP.replace(b"Orientation='6'", b"Orientation='1'")


@pytest.mark.parametrize("source", ["png", "jpg", "webp", "avif"])
@pytest.mark.parametrize("target", ["png", "jpg", "webp", "avif", "tif"])
def test_exif_profile_and_xmp_go_from_any_format_to_any(
    tmp_path: Path, source: str, target: str
) -> None:
    xmp = XMP.replace(b"'6'", b"'1'")
    first, second = tmp_path / f"a.{source}", tmp_path / f"b.{target}"
    write_image(first, RGB, metadata=SourceMetadata(exif=_exif()[6:], icc=SRGB, xmp=xmp))
    pixels, info = read_image(first)
    write_image(second, pixels, metadata=info.metadata)
    _, again = read_image(second)
    assert again.metadata.icc == SRGB
    assert again.metadata.xmp == xmp
    exif = _exif_of(second)
    assert exif[0x010F] == "A Maker"
    assert exif.get_ifd(0x8769)[EXPOSURE] == pytest.approx(0.005)
    assert exif.get_ifd(0x8769)[MAKER_NOTE] == b"\1\2notes\xff"
    assert exif.get_ifd(0x8825)[2] == pytest.approx((52.0, 31.0, 12.5))
    assert again.metadata.exif is not None


def test_a_stale_thumbnail_goes_and_the_rest_of_exif_stays_byte_for_byte(tmp_path: Path) -> None:
    thumbnail = io.BytesIO()
    Image.fromarray(RGB[::4, ::4]).save(thumbnail, "JPEG")
    block = _with_thumbnail(_exif()[6:], thumbnail.getvalue())
    Image.fromarray(RGB).save(tmp_path / "a.png", exif=b"Exif\0\0" + block)
    pixels, info = read_image(tmp_path / "a.png")
    write_image(tmp_path / "b.png", pixels, metadata=info.metadata)
    carried = read_image(tmp_path / "b.png")[1].metadata.exif
    assert carried is not None
    assert thumbnail.getvalue() not in carried
    assert len(_exif_of(tmp_path / "a.png").get_ifd(ExifTags.IFD.IFD1)) == 2
    assert not _exif_of(tmp_path / "b.png").get_ifd(ExifTags.IFD.IFD1)
    same = sum(a == b for a, b in zip(block, carried, strict=False))
    assert same >= len(carried) - 4  # the link to the thumbnail's directory


def _with_thumbnail(block: bytes, thumbnail: bytes) -> bytes:
    order: Literal["little", "big"] = "little" if block[:2] == b"II" else "big"
    first = int.from_bytes(block[4:8], order)
    link = first + 2 + 12 * int.from_bytes(block[first : first + 2], order)
    at = len(block)
    entries = ((0x0201, at + 30), (0x0202, len(thumbnail)))
    directory = len(entries).to_bytes(2, order)
    for tag, value in entries:
        directory += tag.to_bytes(2, order) + (4).to_bytes(2, order) + (1).to_bytes(4, order)
        directory += value.to_bytes(4, order)
    directory += bytes(4)
    return block[:link] + at.to_bytes(4, order) + block[link + 4 :] + directory + thumbnail


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp"])
@pytest.mark.parametrize("block", [b"II*\0\xff\xff\0\0damaged", b"no EXIF at all"])
def test_damaged_exif_is_left_out_and_the_picture_is_read(
    tmp_path: Path, suffix: str, block: bytes
) -> None:
    Image.fromarray(RGB).save(tmp_path / f"a.{suffix}", exif=b"Exif\0\0" + block)
    Image.fromarray(RGB).save(tmp_path / f"b.{suffix}")
    pixels, info = read_image(tmp_path / f"a.{suffix}")
    np.testing.assert_array_equal(pixels, read_image(tmp_path / f"b.{suffix}")[0])
    assert info.metadata.exif is None


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif", "bmp"])
def test_pixels_of_the_lr_are_larger_by_the_scale_and_again_as_before(
    tmp_path: Path, suffix: str
) -> None:
    write_image(tmp_path / f"a.{suffix}", RGB, metadata=SourceMetadata(resolution=(300.0, 200.0)))
    source = read_image(tmp_path / f"a.{suffix}")[1].metadata
    assert source.resolution == pytest.approx((300, 200), rel=1e-3)
    lr = source.scaled(4)
    write_image(tmp_path / f"b.{suffix}", RGB[::4, ::4], metadata=lr)
    lr = read_image(tmp_path / f"b.{suffix}")[1].metadata
    assert lr.resolution == pytest.approx((75, 50), rel=1e-3)
    assert lr.scaled(1 / 4).resolution == pytest.approx((300, 200), rel=1e-3)


def test_the_resolution_in_exif_follows_too(tmp_path: Path) -> None:
    metadata = SourceMetadata(exif=_exif()[6:]).scaled(4)
    write_image(tmp_path / "a.png", RGB, metadata=metadata)
    assert _exif_of(tmp_path / "a.png")[0x011A] == pytest.approx(75)


def test_texts_survive_in_png_and_tiff(tmp_path: Path) -> None:
    texts = {"Description": "Zürich, 日本", "Author": "A. B.", "Software": "scan 1.0"}
    for suffix in ("png", "tif"):
        write_image(tmp_path / f"a.{suffix}", RGB, metadata=SourceMetadata(text=texts))
        assert read_image(tmp_path / f"a.{suffix}")[1].metadata.text == texts


def test_a_profile_of_other_pixels_is_not_written(tmp_path: Path) -> None:
    write_image(tmp_path / "a.png", RGB[..., 0], metadata=SourceMetadata(icc=SRGB))
    assert read_image(tmp_path / "a.png")[1].metadata.icc is None


def test_a_text_that_readers_would_not_inflate_is_written_plain(tmp_path: Path) -> None:
    text = "field notes " * 100_000
    metadata = SourceMetadata(text={"Description": text})
    write_image(tmp_path / "a.png", RGB, metadata=metadata)
    assert read_image(tmp_path / "a.png")[1].metadata.text["Description"] == text


def test_a_profile_that_no_reader_of_png_accepts_is_refused_and_goes_elsewhere(
    tmp_path: Path,
) -> None:
    metadata = SourceMetadata(icc=SRGB + bytes(1 << 20))
    with pytest.raises(UsageError, match=r"a.png: its colour profile .* write TIFF or WebP"):
        write_image(tmp_path / "a.png", RGB, metadata=metadata)
    assert not list(tmp_path.iterdir())
    for name in ("a.tif", "a.webp"):
        write_image(tmp_path / name, RGB, metadata=metadata)
        assert read_image(tmp_path / name)[1].metadata.icc == metadata.icc
