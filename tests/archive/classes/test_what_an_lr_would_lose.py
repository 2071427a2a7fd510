"""Pixels are not all that a file holds: what an LR file would lose speaks against it."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image, ImageCms, PngImagePlugin

from irrm_core.archive.catalogue.states import StorageClass
from irrm_core.archive.classes import Kept, Rule, Stored
from irrm_core.archive.classes.unkept import lost_beside
from irrm_core.archive.gate import Floors

Pixels = Callable[..., NDArray[Any]]
Storing = Callable[..., Stored | Kept]
LR_ONLY = Rule(floors=Floors(psnr=None, ssim=None), classes=frozenset({StorageClass.lr}))
WEIGHT = bytes(range(250)) * 4


@pytest.fixture
def picture(pixels: Pixels) -> Image.Image:
    return Image.fromarray(pixels(64, 80, 3))


def _with_segment(jpeg: bytes, kind: int, content: bytes) -> bytes:
    return jpeg[:2] + struct.pack(">BBH", 0xFF, kind, len(content) + 2) + content + jpeg[2:]


def _png(picture: Image.Image, path: Path, *chunks: tuple[bytes, bytes]) -> Path:
    info = PngImagePlugin.PngInfo()
    for kind, content in chunks:
        info.add(kind, content)
    picture.save(path, pnginfo=info)
    return path


def test_captions_of_photoshop_and_unknown_segments_keep_a_jpeg_from_becoming_lr(
    tmp_path: Path, photo: Path, storing: Storing
) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(_with_segment(photo.read_bytes(), 0xED, b"Photoshop 3.0\0" + WEIGHT))
    kept = storing(path, LR_ONLY)
    assert isinstance(kept, Kept)
    assert "IPTC" in kept.reason
    path.write_bytes(_with_segment(photo.read_bytes(), 0xE8, WEIGHT))
    assert "APP8" in (lost_beside(path) or "")
    path.write_bytes(
        _with_segment(photo.read_bytes(), 0xE1, b"http://ns.adobe.com/xmp/extension/\0" + WEIGHT)
    )
    assert "APP1" in (lost_beside(path) or "")


def test_what_is_carried_along_does_not_speak_against_an_lr(
    tmp_path: Path, photo: Path, picture: Image.Image
) -> None:
    assert lost_beside(photo) is None  # with EXIF, a profile and a resolution
    picture.save(tmp_path / "a.jpg", comment=WEIGHT.hex(), xmp=b"<x:xmpmeta/>", progressive=True)
    text = PngImagePlugin.PngInfo()
    text.add_text("Description", "long " * 100)
    picture.save(tmp_path / "a.png", pnginfo=text, dpi=(300, 300))
    picture.save(tmp_path / "a.webp", lossless=True, icc_profile=_profile())
    picture.save(tmp_path / "a.tif", dpi=(600, 600), icc_profile=_profile(), compression="tiff_lzw")
    for name in ("a.jpg", "a.png", "a.webp", "a.tif"):
        assert lost_beside(tmp_path / name) is None, name


def _profile() -> bytes:
    profile: bytes = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile


@pytest.mark.parametrize("name", ["a.jpg", "a.tif"])
def test_cmyk_is_not_made_an_lr_which_would_come_back_as_srgb(
    tmp_path: Path, picture: Image.Image, storing: Storing, name: str
) -> None:
    picture.convert("CMYK").save(tmp_path / name, icc_profile=_profile())
    kept = storing(tmp_path / name, LR_ONLY)
    assert isinstance(kept, Kept)
    assert "CMYK" in kept.reason


@pytest.mark.parametrize("name", ["a.png", "a.webp"])
def test_what_follows_a_picture_is_not_lost(
    tmp_path: Path, picture: Image.Image, name: str
) -> None:
    path = tmp_path / name
    picture.save(path)
    with path.open("ab") as stream:
        stream.write(bytes(500))
    assert lost_beside(path) is None
    with path.open("ab") as stream:
        stream.write(WEIGHT)
    assert "behind its picture" in (lost_beside(path) or "")


@pytest.mark.parametrize(
    ("kind", "content", "said"),
    [
        (b"gAMA", struct.pack(">I", 100_000), "gamma"),
        (b"cHRM", struct.pack(">8I", *[31_000] * 8), "primaries"),
        (b"cICP", b"\x09\x10\0\1", "dynamic range"),
        (b"prVW", WEIGHT, "prVW"),
        (b"tEXt", b"Raw profile type iptc\0" + WEIGHT, "iptc"),
    ],
)
def test_chunks_of_a_png_that_mean_something_are_not_lost(
    tmp_path: Path, picture: Image.Image, kind: bytes, content: bytes, said: str
) -> None:
    assert said in (lost_beside(_png(picture, tmp_path / "a.png", (kind, content))) or "")


def test_where_pixels_are_not_all_an_exact_file_keeps_the_bytes(
    tmp_path: Path, picture: Image.Image, pixels: Pixels, storing: Storing
) -> None:
    rule = Rule(classes=frozenset({StorageClass.exact}), exact="pixels", minimum_saving=0)
    settings = (65000, 1, len(WEIGHT), WEIGHT, True)
    tifffile.imwrite(tmp_path / "a.tif", pixels(64, 64), extratags=[settings], metadata=None)
    picture.convert("CMYK").save(tmp_path / "b.tif", icc_profile=_profile())
    picture.save(tmp_path / "c.tif")
    forms = []
    for name in ("a.tif", "b.tif", "c.tif"):
        stored = storing(tmp_path / name, rule)
        assert isinstance(stored, Stored)
        forms.append(stored.provenance.measured["form"])
    assert forms == ["zstd", "zstd", "jxl-pixels"]


def test_the_colours_of_every_picture_are_no_news(tmp_path: Path, picture: Image.Image) -> None:
    primaries = (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
    usual = [(b"gAMA", struct.pack(">I", 45455)), (b"cHRM", struct.pack(">8I", *primaries))]
    assert lost_beside(_png(picture, tmp_path / "a.png", *usual)) is None


def test_private_tags_of_a_tiff_are_not_lost(
    tmp_path: Path, pixels: Pixels, storing: Storing
) -> None:
    path = tmp_path / "a.tif"
    scale = (33550, 12, 3, (0.5, 0.5, 0.0), True)  # of a map, 24 bytes
    tifffile.imwrite(path, pixels(64, 64), extratags=[scale], metadata=None)
    kept = storing(path, LR_ONLY)
    assert isinstance(kept, Kept)
    assert "data of a map" in kept.reason
    settings = (65000, 1, len(WEIGHT), WEIGHT, True)
    tifffile.imwrite(path, pixels(64, 64), extratags=[settings], metadata=None)
    assert "65000" in (lost_beside(path) or "")
    tifffile.imwrite(path, pixels(64, 64), metadata={"axes": "YX", "exposure": 0.1})
    assert "description" in (lost_beside(path) or "")
    tifffile.imwrite(path, pixels(64, 64))
    assert lost_beside(path) is None


def test_texts_of_single_pages_are_not_lost(tmp_path: Path, pixels: Pixels) -> None:
    def write(*texts: str) -> None:
        with tifffile.TiffWriter(tmp_path / "a.tif") as tiff:
            for text in texts:
                tiff.write(pixels(32, 32), description=text, metadata=None, contiguous=False)

    write("frame", "frame")
    assert lost_beside(tmp_path / "a.tif") is None
    write("t = 0 ms", "t = 40 ms")
    assert "page 2" in (lost_beside(tmp_path / "a.tif") or "")


def test_a_chain_of_pages_that_bites_its_tail_comes_to_an_end(tmp_path: Path) -> None:
    # An empty page whose next page is itself.
    (tmp_path / "a.tif").write_bytes(b"II*\0\x08\0\0\0\0\0\x08\0\0\0" + bytes(50))
    lost_beside(tmp_path / "a.tif")
    # A true page, then itself again.
    tifffile.imwrite(tmp_path / "b.tif", np.zeros((8, 8), np.uint8), metadata=None)
    content = bytearray((tmp_path / "b.tif").read_bytes())
    (first,) = struct.unpack_from("<I", content, 4)
    (tags,) = struct.unpack_from("<H", content, first)
    struct.pack_into("<I", content, first + 2 + 12 * tags, first)
    (tmp_path / "b.tif").write_bytes(content)
    lost_beside(tmp_path / "b.tif")


def test_a_preview_is_a_copy_and_a_mask_is_not(tmp_path: Path, pixels: Pixels) -> None:
    for kind, lost in ((1, False), (4, True)):
        with tifffile.TiffWriter(tmp_path / "a.tif") as tiff:
            tiff.write(pixels(64, 64, 3), photometric="rgb", metadata=None)
            tiff.write(np.zeros((64, 64), bool), subfiletype=kind, metadata=None)
        assert bool(lost_beside(tmp_path / "a.tif")) is lost


def test_an_lr_tiff_is_not_called_like_its_temporary_file(
    tmp_path: Path, pixels: Pixels, storing: Storing
) -> None:
    image = np.stack([pixels(64, 80, dtype="uint16")] * 3)
    tifffile.imwrite(tmp_path / "a.tif", image, photometric="minisblack", metadata={"axes": "CYX"})
    stored = storing(tmp_path / "a.tif", LR_ONLY)
    assert isinstance(stored, Stored)
    described = tifffile.tiffcomment(stored.temporary)
    assert 'Name="a.tif.irrm.tif"' in described


def test_microscopy_stays_possible(shared: Path) -> None:
    found = {path.name: lost_beside(path) for path in (shared / "data/microscopy").glob("*.tif")}
    colours = found.pop("xyc_16bit__hela-cells.tif", "ImageJ")
    assert "ImageJ" in (colours or "")
    assert found
    assert not any(found.values()), found
