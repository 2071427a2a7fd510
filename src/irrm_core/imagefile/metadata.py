"""What a file says about its picture, apart from the pixels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from irrm_core.imagefile import exif as exif_block


@dataclass(frozen=True)
class PixelSize:
    """Physical size of a pixel.

    Attributes
    ----------
    y, x : float
        Height and width in `unit`.
    z : float or None
        Distance between slices in `z_unit`.
    unit, z_unit : str
        As the file writes them, such as ``"µm"``, ``"micron"``.
    """

    y: float
    x: float
    z: float | None = None
    unit: str = "µm"
    z_unit: str = "µm"

    def scaled(self, factor: float) -> PixelSize:
        """Return the size of pixels that are `factor` times as high and wide; Z stays."""
        return replace(self, y=self.y * factor, x=self.x * factor)

    def micrometres(self) -> tuple[float, float] | None:
        """Return (y, x) in micrometres; None where the unit is not one of length."""
        factor = _MICROMETRES.get(self.unit.lower())
        return None if factor is None else (self.y * factor, self.x * factor)


_MICROMETRES = {
    "µm": 1.0, "μm": 1.0, "um": 1.0, "micron": 1.0, "microns": 1.0, "micrometer": 1.0,
    "nm": 1e-3, "nanometer": 1e-3, "mm": 1e3, "cm": 1e4, "m": 1e6, "inch": 25400.0, "in": 25400.0,
}  # fmt: skip


@dataclass(frozen=True)
class SourceMetadata:
    r"""Metadata of a source file, in the form in which the formats hold them.

    Attributes
    ----------
    exif : bytes or None
        A TIFF structure, without the ``Exif\0\0`` prefix of JPEG. The orientation in it is
        always 1: readers apply it to the pixels.
    icc : bytes or None
        ICC colour profile of the pixels as they were read.
    xmp : bytes or None
        XMP packet.
    resolution : tuple of float or None
        Pixels per inch along X and Y.
    text : mapping of str to str
        Descriptive texts by their PNG keyword (``Description``, ``Author``, ``Software``, ...).
    pixel_size : PixelSize or None
        Physical pixel size, from OME or ImageJ metadata.
    ome_xml : str or None
        OME-XML of an OME-TIFF.
    imagej : mapping or None
        ImageJ metadata as tifffile names them: ``unit``, ``spacing``, ``Info``, ``LUTs``, ...
    """

    exif: bytes | None = None
    icc: bytes | None = None
    xmp: bytes | None = None
    resolution: tuple[float, float] | None = None
    text: Mapping[str, str] = field(default_factory=dict)
    pixel_size: PixelSize | None = None
    ome_xml: str | None = None
    imagej: Mapping[str, Any] | None = None

    @property
    def scientific(self) -> bool:
        """Whether only a TIFF can hold all of this: OME or ImageJ metadata, a pixel size."""
        return any(x is not None for x in (self.ome_xml, self.imagej, self.pixel_size))

    def scaled(self, factor: float) -> SourceMetadata:
        """Return the metadata of the same scene with pixels `factor` times as large.

        The LR file of scale s takes ``scaled(s)``, its restoration ``scaled(1 / s)`` of that.
        Sizes in pixels need no care: they are written from the array.
        """
        return replace(
            self,
            resolution=self.resolution
            and (self.resolution[0] / factor, self.resolution[1] / factor),
            pixel_size=self.pixel_size and self.pixel_size.scaled(factor),
            exif=self.exif and exif_block.scale_resolution(self.exif, factor),
        )

    def with_display_range(self, convert: Callable[[float, int], float]) -> SourceMetadata:
        """Return a copy whose ImageJ display ranges went through ``convert(value, channel)``.

        For LR pixels that are on another intensity scale than their source: the picture then
        opens with the contrast that the source had.
        """
        if self.imagej is None:
            return self
        changed = dict(self.imagej)
        for key in ("min", "max"):
            if isinstance(changed.get(key), int | float):
                changed[key] = convert(float(changed[key]), 0)
        if ranges := changed.get("Ranges"):
            changed["Ranges"] = tuple(convert(float(v), i // 2) for i, v in enumerate(ranges))
        return replace(self, imagej=changed)
