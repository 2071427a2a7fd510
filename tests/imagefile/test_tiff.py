"""TIFF in all its shapes: read plane by plane, written with axes and physical sizes."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import tifffile
from PIL import Image

from irrm_core.errors import ImageFileError, UsageError
from irrm_core.imagefile import (
    PixelSize,
    SourceMetadata,
    open_image,
    read_image,
    tiff_writer,
    write_image,
)

RNG = np.random.default_rng(11)
GRAY = RNG.integers(0, 65536, (40, 56), dtype=np.uint16)
RGB = RNG.integers(0, 256, (40, 56, 3), dtype=np.uint8)
STACK = RNG.integers(0, 65536, (2, 3, 4, 20, 24), dtype=np.uint16)
OME = "{http://www.openmicroscopy.org/Schemas/OME/2016-06}"


@pytest.mark.parametrize(
    "options",
    [
        {"byteorder": ">"},
        {"bigtiff": True},
        {"bigtiff": True, "byteorder": ">", "compression": "zlib"},
        {"tile": (16, 32)},
        {"tile": (16, 16), "compression": "lzw", "predictor": True},
        {"compression": "zstd"},
        {"compression": "packbits"},
        {"rowsperstrip": 7, "compression": "lzma"},
        {"metadata": None},
    ],
    ids=str,
)
@pytest.mark.parametrize("pixels", [GRAY, RGB, GRAY.astype(np.float32) / 7], ids=["u2", "rgb", "f"])
def test_every_layout_gives_the_same_pixels(
    tmp_path: Path, pixels: np.ndarray, options: dict[str, Any]
) -> None:
    path = tmp_path / "a.tif"
    if options.get("predictor") and pixels.dtype.kind == "f":
        options = options | {"predictor": 3}
    colour = "rgb" if pixels.ndim == 3 else "minisblack"
    tifffile.imwrite(path, pixels, photometric=colour, **options)
    read, info = read_image(path)
    np.testing.assert_array_equal(read, pixels)
    assert info.dtype.isnative
    assert info.axes == "YXS"[: pixels.ndim]


@pytest.mark.parametrize(
    "dtype", ["uint8", "int16", "uint16", "uint32", "int32", "float32", "float64"]
)
def test_every_pixel_type_survives(tmp_path: Path, dtype: str) -> None:
    pixels = (RNG.random((3, 9, 11)) * 100).astype(dtype)
    write_image(tmp_path / "a.tif", pixels, axes="TYX")
    read, info = read_image(tmp_path / "a.tif")
    assert (read.dtype, info.axes) == (np.dtype(dtype), "TYX")
    np.testing.assert_array_equal(read, pixels)


def test_half_floats_become_floats(tmp_path: Path) -> None:
    pixels = GRAY.astype(np.float16)
    tifffile.imwrite(tmp_path / "a.tif", pixels)
    read, info = read_image(tmp_path / "a.tif")
    assert info.dtype == read.dtype == np.float32
    np.testing.assert_array_equal(read, pixels)


def test_separate_colour_planes_become_samples(tmp_path: Path) -> None:
    planar = np.moveaxis(RGB, -1, 0)
    tifffile.imwrite(tmp_path / "a.tif", planar, photometric="rgb", planarconfig="separate")
    np.testing.assert_array_equal(read_image(tmp_path / "a.tif")[0], RGB)


def test_samples_that_are_no_colours_become_channels(tmp_path: Path) -> None:
    bands = RNG.integers(0, 65536, (20, 24, 6), dtype=np.uint16)
    tifffile.imwrite(
        tmp_path / "a.tif", bands, photometric="minisblack", planarconfig="contig", metadata=None
    )
    read, info = read_image(tmp_path / "a.tif")
    assert info.axes == "CYX"
    np.testing.assert_array_equal(read, np.moveaxis(bands, -1, 0))


def test_white_is_zero_is_inverted(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", GRAY, photometric="miniswhite")
    np.testing.assert_array_equal(read_image(tmp_path / "a.tif")[0], 65535 - GRAY)


def test_a_palette_becomes_its_colours(tmp_path: Path) -> None:
    image = Image.fromarray(RGB).quantize(16)
    image.save(tmp_path / "a.tif")
    np.testing.assert_array_equal(
        read_image(tmp_path / "a.tif")[0], np.asarray(image.convert("RGB"))
    )


def test_alpha_that_was_multiplied_in_is_taken_out_again(tmp_path: Path) -> None:
    colour, alpha = np.full((4, 4, 3), 200, np.uint8), np.full((4, 4, 1), 128, np.uint8)
    stored = np.concatenate([np.rint(colour * (128 / 255)).astype(np.uint8), alpha], axis=-1)
    tifffile.imwrite(tmp_path / "a.tif", stored, photometric="rgb", extrasamples=["assocalpha"])
    read = read_image(tmp_path / "a.tif")[0]
    np.testing.assert_array_equal(read[..., 3:], alpha)
    assert np.abs(read[..., :3].astype(int) - 200).max() <= 1


def test_lab_colours_are_refused(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", RGB, photometric="cielab")
    with pytest.raises(ImageFileError, match=r"a.tif: has colours of kind CIELAB"):
        open_image(tmp_path / "a.tif")


def test_a_codec_that_is_missing_is_named(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", RGB)
    with tifffile.TiffFile(tmp_path / "a.tif", mode="r+") as tiff:
        tiff.pages[0].tags["Compression"].overwrite(34676)
    with pytest.raises(ImageFileError, match=r"a.tif: .*34676|a.tif: .*SGILOG"):
        read_image(tmp_path / "a.tif")


def test_pages_become_time_points(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", STACK[0, 0], metadata=None, photometric="minisblack")
    read, info = read_image(tmp_path / "a.tif")
    assert (info.format, info.axes) == ("tiff", "TYX")
    np.testing.assert_array_equal(read, STACK[0, 0])


@pytest.mark.parametrize("compression", [None, "zlib", "lzw"])
def test_pages_that_do_not_follow_each_other_are_read(
    tmp_path: Path, compression: str | None
) -> None:
    with tifffile.TiffWriter(tmp_path / "a.tif") as tiff:
        for page in STACK[0, 0]:
            tiff.write(
                page, metadata=None, contiguous=False, compression=compression, tile=(16, 16)
            )
    with open_image(tmp_path / "a.tif") as image:
        for number in (3, 0, 2, 1):
            np.testing.assert_array_equal(image[number], STACK[0, 0, number])


def test_a_preview_beside_the_picture_is_left_out(tmp_path: Path) -> None:
    with tifffile.TiffWriter(tmp_path / "a.tif") as tiff:
        tiff.write(RGB, photometric="rgb", metadata=None)
        tiff.write(RGB[::4, ::4], photometric="rgb", metadata=None, subfiletype=1)
    np.testing.assert_array_equal(read_image(tmp_path / "a.tif")[0], RGB)


def test_several_images_are_refused_unless_one_is_chosen(tmp_path: Path) -> None:
    with tifffile.TiffWriter(tmp_path / "a.ome.tif") as tiff:
        tiff.write(GRAY, metadata={"axes": "YX", "Name": "first"})
        tiff.write(RGB, photometric="rgb", metadata={"axes": "YXS", "Name": "second"})
    with pytest.raises(ImageFileError, match="holds 2 images"):
        open_image(tmp_path / "a.ome.tif")
    with open_image(tmp_path / "a.ome.tif", series=1) as image:
        np.testing.assert_array_equal(image.read(), RGB)
        assert "first" not in str(image.info.metadata.ome_xml)
    with pytest.raises(ImageFileError, match="number 2"):
        open_image(tmp_path / "a.ome.tif", series=2)


def test_an_ome_tiff_whose_planes_are_in_other_files_is_refused(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.ome.tif", STACK[0, 0], metadata={"axes": "ZYX"})
    with tifffile.TiffFile(tmp_path / "a.ome.tif", mode="r+") as tiff:
        xml = tiff.ome_metadata.replace('SizeZ="4"', 'SizeZ="5"').replace(
            'PlaneCount="4"', 'PlaneCount="5"'
        )
        tiff.pages[0].tags["ImageDescription"].overwrite(xml)
    with pytest.raises(ImageFileError, match=r"a.ome.tif: .*missing or in other files"):
        open_image(tmp_path / "a.ome.tif")


@pytest.mark.parametrize("axes", ["TZCYX", "CTZYX", "ZCTYX"])
def test_ome_tiff_keeps_axes_and_is_read_alike_by_tifffile(tmp_path: Path, axes: str) -> None:
    size = PixelSize(y=0.216, x=0.108, z=0.4)
    write_image(tmp_path / "a.ome.tif", STACK, axes=axes, metadata=SourceMetadata(pixel_size=size))
    read, info = read_image(tmp_path / "a.ome.tif")
    assert (info.format, info.axes, info.metadata.pixel_size) == ("ome-tiff", axes, size)
    np.testing.assert_array_equal(read, STACK)
    with tifffile.TiffFile(tmp_path / "a.ome.tif") as tiff:
        assert tiff.is_ome
        assert tiff.series[0].axes == axes
        np.testing.assert_array_equal(tiff.asarray(), STACK)


def test_ome_statements_survive_and_sizes_follow_the_scale(tmp_path: Path) -> None:
    tifffile.imwrite(
        tmp_path / "a.ome.tif",
        STACK[0],
        metadata={
            "axes": "CZYX",
            "PhysicalSizeX": 0.1,
            "PhysicalSizeXUnit": "µm",
            "PhysicalSizeY": 0.1,
            "PhysicalSizeYUnit": "µm",
            "PhysicalSizeZ": 0.3,
            "PhysicalSizeZUnit": "µm",
            "Channel": {"Name": ["DAPI", "GFP", "Cy5"]},
            "Plane": {"PositionX": [1.5] * 12},
            "Description": "before",
        },
    )
    _, info = read_image(tmp_path / "a.ome.tif")
    metadata = info.metadata.scaled(2)
    metadata = SourceMetadata(
        ome_xml=metadata.ome_xml, pixel_size=metadata.pixel_size, text={"Comment": "a note"}
    )
    lr = STACK[0, ..., ::2, ::2]
    write_image(tmp_path / "b.tif", lr, axes="CZYX", metadata=metadata, record=b"r" * 99)
    read, info = read_image(tmp_path / "b.tif")
    assert info.format == "ome-tiff"
    np.testing.assert_array_equal(read, lr)
    assert info.metadata.pixel_size == PixelSize(y=0.2, x=0.2, z=0.3)

    root = ET.fromstring(str(info.metadata.ome_xml))
    pixels = root.find(f"{OME}Image/{OME}Pixels")
    assert pixels is not None
    kinds = [element.tag.removeprefix(OME) for element in pixels]
    assert kinds == ["Channel"] * 3 + ["TiffData"] + ["Plane"] * 12
    assert [c.get("Name") for c in pixels.findall(f"{OME}Channel")] == ["DAPI", "GFP", "Cy5"]
    assert (pixels.get("SizeX"), pixels.get("SizeY"), pixels.get("SizeZ")) == ("12", "10", "4")
    assert root.findtext(f"{OME}Image/{OME}Description") == "a note\nbefore"


def test_ome_xml_is_written_without_prefixes(tmp_path: Path) -> None:
    write_image(tmp_path / "a.ome.tif", STACK, axes="TZCYX")
    xml = str(read_image(tmp_path / "a.ome.tif")[1].metadata.ome_xml)
    assert xml.endswith("</OME>")
    assert "ns0:" not in xml


@pytest.mark.parametrize(
    "name",
    [
        "xy_calibrated_16bit__nuclear_protein_control.tif",
        "xyc_16bit__cell_dna_mts_actin.tif",
        "xyc_16bit__hela-cells.tif",
        "xyt_calibrated_16bit__golgi_bfa_sum_projection.tif",
        "xyz_calibrated_16bit__golgi_bfa.tif",
        "xyzc_16bit__dna_conf_wf.tif",
    ],
)
@pytest.mark.parametrize("target", ["a.tif", "a.ome.tif"])
def test_microscopy_goes_through_with_axes_and_calibration(
    tmp_path: Path, shared: Path, name: str, target: str
) -> None:
    pixels, source = read_image(shared / "data/microscopy" / name)
    np.testing.assert_array_equal(pixels, tifffile.imread(shared / "data/microscopy" / name))
    size = source.metadata.pixel_size
    assert size is not None
    write_image(tmp_path / target, pixels, axes=source.axes, metadata=source.metadata.scaled(2))
    read, info = read_image(tmp_path / target)
    assert info.axes == source.axes
    np.testing.assert_array_equal(read, pixels)
    again = info.metadata.pixel_size
    assert again is not None
    assert again.micrometres() == pytest.approx((2 * size.y, 2 * size.x), rel=1e-6)
    assert again.z == size.z


def test_imagej_metadata_survive_in_imagej_files(tmp_path: Path, shared: Path) -> None:
    path = shared / "data/microscopy/xyzc_16bit__dna_conf_wf.tif"
    pixels, source = read_image(path)
    write_image(tmp_path / "a.tif", pixels, axes=source.axes, metadata=source.metadata)
    _, info = read_image(tmp_path / "a.tif")
    assert info.format == "imagej-tiff"
    before, after = source.metadata.imagej, info.metadata.imagej
    assert before is not None
    assert after is not None
    for key in ("unit", "spacing", "Info", "Labels", "Ranges", "mode", "min", "max"):
        assert before[key] == after[key]
    np.testing.assert_array_equal(before["LUTs"], after["LUTs"])


def test_the_time_between_frames_of_an_imagej_file_is_stated_in_ome_tiff_too(
    tmp_path: Path,
) -> None:
    metadata = {"axes": "TYX", "finterval": 59.86}
    tifffile.imwrite(tmp_path / "a.tif", STACK[:, 0, 0], imagej=True, metadata=metadata)
    pixels, source = read_image(tmp_path / "a.tif")
    write_image(tmp_path / "b.ome.tif", pixels, axes="TYX", metadata=source.metadata)
    once = read_image(tmp_path / "b.ome.tif")[1].metadata
    write_image(tmp_path / "c.ome.tif", pixels, axes="TYX", metadata=once)
    for name in ("b.ome.tif", "c.ome.tif"):
        root = ET.fromstring(str(read_image(tmp_path / name)[1].metadata.ome_xml))
        stated = root.find(f"{OME}Image/{OME}Pixels")
        assert stated is not None
        assert (stated.get("TimeIncrement"), stated.get("TimeIncrementUnit")) == ("59.86", "s")


def test_the_display_range_follows_the_intensities(tmp_path: Path, shared: Path) -> None:
    path = shared / "data/microscopy/xyc_16bit__cell_dna_mts_actin.tif"
    pixels, source = read_image(path)
    moved = source.metadata.with_display_range(lambda value, channel: value * 2 + channel)
    write_image(tmp_path / "a.tif", pixels, axes="CYX", metadata=moved)
    assert read_image(tmp_path / "a.tif")[1].metadata.imagej["Ranges"] == (
        286.0, 930.0, 221.0, 1019.0, 232.0, 10112.0,
    )  # fmt: skip


def test_imagej_files_are_refused_what_imagej_cannot_hold(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="write an OME-TIFF"):
        write_image(tmp_path / "a.tif", STACK, axes="CTZYX", format="imagej-tiff")
    assert not list(tmp_path.iterdir())


def _planes(count: int) -> Iterator[np.ndarray]:
    for number in range(count):
        yield np.full((512, 512), number, np.uint16)


@pytest.mark.parametrize("name", ["a.tif", "a.ome.tif"])
def test_a_stack_is_written_and_read_with_few_planes_in_memory(tmp_path: Path, name: str) -> None:
    count, plane = 60, 512 * 512 * 2
    tracemalloc.start()
    try:
        write_image(
            tmp_path / name, _planes(count), axes="TYX", shape=(count, 512, 512), dtype=np.uint16
        )
        with open_image(tmp_path / name) as image:
            for number in range(count):
                assert (image[number] == number).all()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 12 * plane


@pytest.mark.parametrize("given", [2, 4])
def test_more_or_fewer_planes_than_announced_leave_no_file(tmp_path: Path, given: int) -> None:
    with pytest.raises(UsageError, match="3 planes announced"):
        write_image(
            tmp_path / "a.tif", _planes(given), axes="TYX", shape=(3, 512, 512), dtype=np.uint16
        )
    assert not list(tmp_path.iterdir())


def test_a_plane_of_another_type_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="announced"):
        write_image(
            tmp_path / "a.tif", _planes(3), axes="TYX", shape=(3, 512, 512), dtype=np.float32
        )
    assert not list(tmp_path.iterdir())


def test_an_open_image_can_be_written_without_reading_it_whole(tmp_path: Path) -> None:
    write_image(tmp_path / "a.tif", STACK, axes="TZCYX")
    with open_image(tmp_path / "a.tif", max_pixels=20 * 24) as image:
        write_image(tmp_path / "b.tif", image, axes=image.axes, metadata=image.info.metadata)
    np.testing.assert_array_equal(read_image(tmp_path / "b.tif")[0], STACK)


def test_files_beyond_the_classic_limit_become_bigtiff(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiff_writer, "_CLASSIC_LIMIT", 1000)
    exif = Image.Exif()
    exif[0x8769] = {0x829A: 0.005}
    metadata = SourceMetadata(imagej={"unit": "um"}, exif=exif.tobytes()[6:])
    write_image(tmp_path / "a.tif", STACK, axes="TZCYX", metadata=metadata, record=b"r")
    read, info = read_image(tmp_path / "a.tif")
    assert info.format == "ome-tiff"
    assert (tmp_path / "a.tif").read_bytes()[2] == 43
    np.testing.assert_array_equal(read, STACK)
