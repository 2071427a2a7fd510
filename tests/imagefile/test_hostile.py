"""Files that are damaged, hostile or odd: read rightly, or one error that names the file."""

from __future__ import annotations

import os
import random
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from irrm_core.errors import ImageFileError, ImageTooLargeError
from irrm_core.imagefile import open_image, read_image, read_record, write_image

RNG = np.random.default_rng(7)
RGB = RNG.integers(0, 256, (24, 36, 3), dtype=np.uint8)
STACK = RNG.integers(0, 4096, (3, 24, 36), dtype=np.uint16)
RECORD = b'{"irrm":"lr"}\n\x00\xff'


def _samples(folder: Path) -> list[Path]:
    """Write one small file of each kind."""
    for suffix in ("png", "jpg", "webp", "avif", "tif"):
        write_image(folder / f"a.{suffix}", RGB, record=RECORD)
    write_image(folder / "a.bmp", RGB)
    for name in ("palette.png", "palette.gif"):
        Image.fromarray(RGB).quantize(16).save(folder / name)
    write_image(folder / "deep.png", RGB.astype(np.uint16) * 257)
    write_image(folder / "deep_gray.png", STACK[0])
    write_image(folder / "a.ome.tif", STACK, axes="ZYX", record=RECORD)
    write_image(folder / "ij.tif", STACK, axes="ZYX", format="imagej-tiff", compression=None)
    tifffile.imwrite(folder / "tiled.tif", RGB, tile=(16, 16), compression="lzw", byteorder=">")
    tifffile.imwrite(folder / "big.tif", STACK, bigtiff=True, photometric="minisblack")
    tifffile.imwrite(folder / "jpeg.tif", RGB, compression="jpeg")
    tifffile.imwrite(folder / "plain.tif", RGB, metadata=None)
    return sorted(folder.iterdir())


def _read_or_refuse(path: Path) -> bool:
    """Read a file in all ways; true if its pixels came, false if it was refused."""
    try:
        read_record(path)
    except ImageFileError as error:
        assert str(path) in str(error)
        assert "\n" not in str(error)
    try:
        pixels, info = read_image(path, max_pixels=1 << 22)
    except ImageFileError as error:
        assert str(path) in str(error)
        assert "\n" not in str(error)
        return False
    assert pixels.shape == info.shape
    assert pixels.dtype == info.dtype
    assert len(info.axes) == pixels.ndim
    return True


def test_a_truncated_file_is_refused_or_read_and_never_fails_otherwise(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "whole").mkdir()
    for sample in _samples(tmp_path / "whole"):
        content = sample.read_bytes()
        damaged = tmp_path / sample.name
        refused = 0
        cuts = sorted({int(len(content) * i / 16) for i in range(16)} | {1, 2, 4, 8, 16, 40})
        for cut in cuts:
            damaged.write_bytes(content[:cut])
            refused += not _read_or_refuse(damaged)
        # Behind the pixels there may be text or a directory's end; nearly all cuts hurt.
        assert refused >= len(cuts) // 2, sample.name
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("seed", range(3))
def test_a_file_with_changed_bytes_is_refused_or_read_and_never_fails_otherwise(
    tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    (tmp_path / "whole").mkdir()
    for sample in _samples(tmp_path / "whole"):
        content = sample.read_bytes()
        damaged = tmp_path / sample.name
        for _ in range(20):
            broken = bytearray(content)
            # Half of the changes hit the header, where they matter most.
            reach = len(broken) if chance.random() < 0.5 else min(300, len(broken))
            for _ in range(chance.choice((1, 1, 4, 16))):
                broken[chance.randrange(reach)] = chance.choice(
                    (0, 1, 0x7F, 0xFF, chance.randrange(256))
                )
            damaged.write_bytes(bytes(broken))
            _read_or_refuse(damaged)


@pytest.mark.parametrize("length", [0, 1, 7, 100])
def test_zero_bytes_and_noise_are_refused(tmp_path: Path, length: int) -> None:
    for name, content in (("zero.png", bytes(length)), ("noise.tif", RNG.bytes(length))):
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(ImageFileError, match=name):
            open_image(path)


def test_the_content_decides_and_not_the_name(tmp_path: Path) -> None:
    path = tmp_path / "really_a_png.jpg"
    write_image(path, RGB, format="png")
    pixels, info = read_image(path)
    assert info.format == "png"
    np.testing.assert_array_equal(pixels, RGB)


def test_what_is_no_ordinary_file_is_refused_at_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.png"
    os.mkfifo(pipe)
    for path in (pipe, tmp_path, tmp_path / "missing.png", Path("/dev/zero")):
        with pytest.raises(ImageFileError, match=str(path)):
            open_image(path)


def _png(width: int, height: int, extra: bytes = b"") -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + header + extra + body + chunk(b"IEND", b"")


def _gif(width: int, height: int) -> bytes:
    """Return a GIF of one frame that makes its screen as large as this."""
    frame = b"," + struct.pack("<4HB", 0, 0, width, height, 0)
    return b"GIF89a" + struct.pack("<HH3B", 1, 1, 0x80, 0, 0) + bytes(6) + frame + b"\2\2D\1\0;"


def test_a_picture_that_claims_too_many_pixels_is_refused_before_it_is_decoded(
    tmp_path: Path,
) -> None:
    for name, content in (("bomb.png", _png(60_000, 60_000)), ("bomb.gif", _gif(60_000, 60_000))):
        bomb = tmp_path / name
        bomb.write_bytes(content)
        with pytest.raises(ImageTooLargeError, match=f"{name}: claims 3600 megapixels"):
            open_image(bomb)


def test_the_limit_can_be_raised_and_lowered(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    write_image(path, RGB)
    with pytest.raises(ImageTooLargeError, match="raise the limit"):
        open_image(path, max_pixels=24 * 36 - 1)
    assert read_image(path, max_pixels=24 * 36)[0].shape == RGB.shape


def test_a_tiff_that_claims_too_many_pixels_is_refused_before_it_is_decoded(
    tmp_path: Path,
) -> None:
    path = tmp_path / "bomb.tif"
    tifffile.imwrite(path, RGB[..., 0], metadata=None)
    with tifffile.TiffFile(path, mode="r+") as tiff:
        tiff.pages[0].tags["ImageWidth"].overwrite(50_000)
        tiff.pages[0].tags["ImageLength"].overwrite(50_000)
    with pytest.raises(ImageTooLargeError, match="2500 megapixels"):
        open_image(path)


def test_a_stack_that_its_small_file_cannot_hold_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sparse.tif"
    frames = np.zeros((500, 256, 256), np.uint8)
    write_image(path, frames, axes="TYX")
    assert read_image(path)[1].shape == frames.shape
    with pytest.raises(ImageTooLargeError, match="claims 33 megapixels"):
        open_image(path, max_pixels=1_000_000)


def test_a_large_stack_opens_beyond_the_limit_and_is_read_plane_by_plane(tmp_path: Path) -> None:
    path = tmp_path / "stack.tif"
    write_image(path, STACK, axes="TYX")
    with open_image(path, max_pixels=24 * 36) as image:
        np.testing.assert_array_equal(image[2], STACK[2])
        with pytest.raises(ImageTooLargeError, match="plane by plane"):
            image.read()


def test_a_tiff_whose_directories_form_a_circle_is_refused_or_read(tmp_path: Path) -> None:
    path = tmp_path / "circle.tif"
    tifffile.imwrite(path, RGB[..., 0], metadata=None, photometric="minisblack")
    content = bytearray(path.read_bytes())
    (first,) = struct.unpack_from("<I", content, 4)
    (entries,) = struct.unpack_from("<H", content, first)
    struct.pack_into("<I", content, first + 2 + 12 * entries, first)
    path.write_bytes(bytes(content))
    _read_or_refuse(path)


def test_a_tiff_of_very_many_kinds_of_pages_is_refused_without_comparing_them(
    tmp_path: Path,
) -> None:
    path = tmp_path / "motley.tif"
    with tifffile.TiffWriter(path) as tiff:
        for width in range(1, 300):
            tiff.write(np.zeros((2, width), np.uint8), metadata=None, photometric="minisblack")
    with pytest.raises(ImageFileError, match=r"motley.tif: holds very many images"):
        open_image(path)


@pytest.mark.parametrize(
    "claims",
    [
        {'SizeT="1"': 'SizeT="9999999999"'},
        {'SizeC="1"': 'SizeC="30000"', 'SizeT="1"': 'SizeT="30000"'},
        {'PlaneCount="3"': 'PlaneCount="999999999"'},
    ],
)
def test_an_ome_tiff_that_claims_a_billion_planes_is_refused(
    tmp_path: Path, claims: dict[str, str]
) -> None:
    path = tmp_path / "claims.ome.tif"
    tifffile.imwrite(path, STACK, metadata={"axes": "ZYX"}, photometric="minisblack")
    with tifffile.TiffFile(path, mode="r+") as tiff:
        xml = tiff.ome_metadata
        for true, claimed in claims.items():
            assert true in xml
            xml = xml.replace(true, claimed)
        tiff.pages[0].tags["ImageDescription"].overwrite(xml)
    with pytest.raises(ImageFileError, match=r"claims.ome.tif: claims more planes"):
        open_image(path)


def test_a_text_that_inflates_without_end_is_refused(tmp_path: Path) -> None:
    data = b"Comment\0\0" + zlib.compress(bytes(1 << 27))
    chunk = struct.pack(">I", len(data)) + b"zTXt" + data
    chunk += struct.pack(">I", zlib.crc32(b"zTXt" + data))
    path = tmp_path / "text.png"
    path.write_bytes(_png(8, 8, chunk))
    with pytest.raises(ImageFileError, match=r"text.png: cannot be read"):
        open_image(path)


def test_a_tiff_cut_in_its_pixels_is_refused_and_not_filled_up(tmp_path: Path) -> None:
    path = tmp_path / "cut.tif"
    for options in ({}, {"compression": "deflate"}, {"tile": (16, 16)}):
        tifffile.imwrite(path, RGB, metadata=None, **options)
        path.write_bytes(path.read_bytes()[:-40])
        with pytest.raises(ImageFileError, match=r"cut.tif"):
            read_image(path)


def test_an_animation_is_refused_rather_than_cut_to_its_first_frame(tmp_path: Path) -> None:
    frames = [Image.fromarray(RGB), Image.fromarray(255 - RGB)]
    for suffix in ("png", "webp", "gif"):
        path = tmp_path / f"moving.{suffix}"
        frames[0].save(path, save_all=True, append_images=frames[1:])
        with pytest.raises(ImageFileError, match="animation of 2 frames"):
            open_image(path)
