"""The record lies in an ordinary image file and comes back as it was."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from irrm_core.errors import ImageFileError, UsageError
from irrm_core.imagefile import PixelSize, SourceMetadata, read_image, read_record, write_image

RGB = np.random.default_rng(2).integers(0, 256, (10, 15, 3), dtype=np.uint8)
SUFFIXES = ("png", "jpg", "webp", "avif", "tif", "ome.tif")
ICC_LIKE = b"x" * 16 + b"RGB " + b"y" * 120


@settings(max_examples=40, deadline=None)
@given(record=st.binary(min_size=1, max_size=300), suffix=st.sampled_from(SUFFIXES))
def test_any_bytes_come_back(
    tmp_path_factory: pytest.TempPathFactory, record: bytes, suffix: str
) -> None:
    path = tmp_path_factory.mktemp("record") / f"a.{suffix}"
    write_image(path, RGB, record=record)
    assert read_record(path) == record


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("size", [600, 3_000_000])
def test_the_file_stays_an_ordinary_image_for_other_software(
    tmp_path: Path, suffix: str, size: int
) -> None:
    record = bytes(range(256)) * (size // 256 + 1)
    exif = Image.Exif()
    exif[0x010F] = "A Maker"
    metadata = SourceMetadata(exif=exif.tobytes()[6:], xmp=b"<x/>", pixel_size=PixelSize(1.0, 1.0))
    path = tmp_path / f"a.{suffix}"
    write_image(path, RGB, record=record, metadata=metadata)
    assert read_record(path) == record
    with Image.open(path) as image:
        pixels = np.asarray(image)
    assert pixels.shape == RGB.shape
    if suffix not in ("jpg", "avif"):
        np.testing.assert_array_equal(pixels, RGB)
    np.testing.assert_array_equal(read_image(path)[0], pixels)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_plain_record_costs_little_more_than_its_own_bytes(tmp_path: Path, suffix: str) -> None:
    record = b'{"irrm":"lr","model":"irrm-fast-x4@1"}' * 12
    write_image(tmp_path / f"a.{suffix}", RGB)
    write_image(tmp_path / f"b.{suffix}", RGB, record=record)
    sizes = [(tmp_path / f"{name}.{suffix}").stat().st_size for name in "ab"]
    # OME-TIFF has it twice, the second time as an annotation.
    copies, around = (2, 200) if suffix == "ome.tif" else (1, 48)
    assert 0 < sizes[1] - sizes[0] - copies * len(record) < around


def test_a_plain_record_is_readable_text_in_a_png(tmp_path: Path) -> None:
    write_image(tmp_path / "a.png", RGB, record=b'{"irrm":"lr"}')
    with Image.open(tmp_path / "a.png") as image:
        assert image.info["irrm"] == '{"irrm":"lr"}'
    assert "irrm" not in read_image(tmp_path / "a.png")[1].metadata.text


def test_a_file_without_a_record_has_none(tmp_path: Path) -> None:
    for suffix in (*SUFFIXES, "bmp"):
        write_image(tmp_path / f"a.{suffix}", RGB)
        assert read_record(tmp_path / f"a.{suffix}") is None


def test_a_bmp_cannot_hold_a_record(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="BMP cannot hold the restore record"):
        write_image(tmp_path / "a.bmp", RGB, record=b"r")


def test_a_png_has_the_line_as_text_and_what_follows_as_it_is(tmp_path: Path) -> None:
    side = bytes(range(256)) * 400
    write_image(tmp_path / "a.png", RGB)
    write_image(tmp_path / "b.png", RGB, record=b'{"irrm":"lr"}\n' + side)
    with Image.open(tmp_path / "b.png") as image:
        assert image.info["irrm"] == '{"irrm":"lr"}'
        assert [key for key in image.info if isinstance(key, str)] == ["irrm"]
    sizes = [(tmp_path / name).stat().st_size for name in ("a.png", "b.png")]
    assert sizes[1] - sizes[0] - len(side) < 64


@pytest.mark.parametrize(
    "record",
    [
        b"\n",
        b"\n\n",
        b"line\n",
        b"l" * (2 << 20),
        b"\0" * (9 << 20),
    ],
    ids=lambda record: f"{record[:12]!r}-{len(record)}",
)
def test_a_png_keeps_the_oddest_records(tmp_path: Path, record: bytes) -> None:
    write_image(tmp_path / "a.png", RGB, record=record)
    assert read_record(tmp_path / "a.png") == record


def test_a_large_record_in_a_png_disturbs_no_viewer(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    write_image(tmp_path / "a.png", RGB, record=b"line\n" + bytes(70 << 20))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with Image.open(tmp_path / "a.png") as image:
            np.testing.assert_array_equal(np.asarray(image), RGB)
    imagecodecs = pytest.importorskip("imagecodecs")
    decoded = imagecodecs.png_decode((tmp_path / "a.png").read_bytes())  # libpng
    np.testing.assert_array_equal(decoded, RGB)
    assert capfd.readouterr() == ("", "")


def test_a_damaged_record_in_a_png_is_an_error_and_not_half_a_record(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    write_image(path, RGB, record=b"line\n\0side")
    path.write_bytes(path.read_bytes().replace(b"side", b"sIde"))
    with pytest.raises(ImageFileError, match=r"a.png: .*checksum of a irRm chunk"):
        read_record(path)


@pytest.mark.parametrize("suffix", ["webp", "avif"])
def test_a_record_that_is_cut_off_is_an_error_and_not_half_a_record(
    tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"a.{suffix}"
    write_image(path, RGB, record=b"r" * 1001)
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(ImageFileError, match=rf"a.{suffix}: .*cut off"):
        read_record(path)


def test_ome_files_stay_valid_with_a_record(tmp_path: Path) -> None:
    stack = np.zeros((2, 3, 8, 9), np.uint16)
    write_image(tmp_path / "a.ome.tif", stack, axes="TCYX", record=bytes(5000))
    with tifffile.TiffFile(tmp_path / "a.ome.tif") as tiff:
        assert tiff.is_ome
        assert tiff.series[0].axes == "TCYX"
    assert read_record(tmp_path / "a.ome.tif") == bytes(5000)
