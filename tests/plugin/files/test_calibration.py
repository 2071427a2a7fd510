"""Pixel sizes between files and layers."""

from __future__ import annotations

import pytest

from irrm_core.imagefile import PixelSize, SourceMetadata
from napari_irrm.files.calibration import Calibration, interval, pixel_size


@pytest.mark.parametrize("unit", ["µm", "μm", "um", "micron", "nm", "mm", "inch", "micrometer"])
def test_units_of_length_are_those_that_napari_knows(unit: str) -> None:
    import pint

    said = SourceMetadata(pixel_size=PixelSize(y=2, x=3, unit=unit))
    calibration = Calibration.of(said, "YX")
    assert list(calibration.scale) == [2, 3]
    assert pint.Unit(calibration.units[0]).is_compatible_with("meter")


@pytest.mark.parametrize(
    "unit", ["", "pixel", "furlong per fortnight", "reference frame", "s", "%"]
)
def test_units_of_anything_else_are_pixels(unit: str) -> None:
    said = SourceMetadata(pixel_size=PixelSize(y=2, x=3, unit=unit))
    assert Calibration.of(said, "YX") == Calibration((1, 1), ("pixel", "pixel"), ("y", "x"))


def test_depth_and_time_have_units_of_their_own() -> None:
    said = SourceMetadata(
        pixel_size=PixelSize(y=0.1, x=0.1, z=300, z_unit="nm"),
        ome_xml='<OME><Pixels SizeX="3" TimeIncrement="250" TimeIncrementUnit="ms"/></OME>',
    )
    calibration = Calibration.of(said, "TZCYXS")
    assert list(calibration.scale) == [0.25, 300, 1, 0.1, 0.1]
    assert calibration.units == ("second", "nanometer", "pixel", "micrometer", "micrometer")
    assert calibration.labels == ("t", "z", "c", "y", "x")


def test_an_lr_lies_on_its_original() -> None:
    calibration = Calibration((0.5, 0.1, 0.2), ("pixel",) * 3, ("z", "y", "x"))
    arguments = calibration.lr_arguments(4)
    assert arguments["scale"] == pytest.approx([0.5, 0.4, 0.8])
    assert arguments["translate"] == pytest.approx([0, 0.15, 0.3])


def test_a_layer_s_scale_becomes_micrometres() -> None:
    size = pixel_size((300, 0.0001, 0.0002), ("nm", "mm", "mm"), "ZYX")
    assert size == PixelSize(y=0.1, x=0.2, z=0.3)


def test_a_layer_in_pixels_has_no_physical_size() -> None:
    assert pixel_size((4, 4), ("pixel", "pixel"), "YX") is None
    assert pixel_size((4, 4), ("pixel", "um"), "YX") is None


def test_only_the_plane_is_believed_where_leading_axes_were_merged() -> None:
    size = pixel_size((1, 2, 0.3, 0.1, 0.1), ("s", "pixel", "um", "um", "um"), "ZYX")
    assert size == PixelSize(y=0.1, x=0.1)
    assert interval((1, 2, 0.1, 0.1), ("s", "pixel", "um", "um"), "TYX") is None


def test_the_time_between_frames_is_in_seconds() -> None:
    assert interval((250, 0.1, 0.1), ("ms", "um", "um"), "TYX") == 0.25
    assert interval((1, 0.1, 0.1), ("pixel", "um", "um"), "TYX") is None
    assert interval((0.1, 0.1), ("um", "um"), "YX") is None
