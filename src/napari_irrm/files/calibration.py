"""Physical pixel sizes, as files state them and as layers do.

A layer has a scale and a unit for each dimension; a file has the height, width and depth of a
pixel, and ImageJ's also the seconds between frames. The samples of RGB are no dimension.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from irrm_core.imagefile import PixelSize, SourceMetadata

PIXEL = "pixel"
"""What napari calls the unit of an axis without one."""


@dataclass(frozen=True)
class Calibration:
    """Scale, unit and label of each dimension of a layer.

    Attributes
    ----------
    scale : tuple of float
        Size of a pixel.
    units : tuple of str
        As pint names them.
    labels : tuple of str
        ``t``, ``z``, ``c``, ``y``, ``x``.
    """

    scale: tuple[float, ...]
    units: tuple[str, ...]
    labels: tuple[str, ...]

    @classmethod
    def of(cls, metadata: SourceMetadata, axes: str) -> Calibration:
        """Return what a file says of the pixels of an array with these axes.

        Parameters
        ----------
        metadata : SourceMetadata
            Of the file.
        axes : str
            From ``TZCYXS``.
        """
        stated: dict[str, tuple[float, str]] = {}
        if (size := metadata.pixel_size) is not None and (unit := _known(size.unit)):
            stated |= {"Y": (size.y, unit), "X": (size.x, unit)}
            if size.z and (z_unit := _known(size.z_unit)):
                stated["Z"] = (size.z, z_unit)
        if (seconds := _stated_interval(metadata)) is not None:
            stated["T"] = (seconds, "second")
        dimensions = [axis for axis in axes if axis != "S"]
        scales, units = zip(*(stated.get(axis, (1.0, PIXEL)) for axis in dimensions), strict=True)
        return cls(scales, units, tuple(axis.lower() for axis in dimensions))

    def lr_arguments(self, s: int) -> dict[str, Any]:
        """Return how the LR of scale `s` is placed on an original with this calibration.

        Pixel centres lie at whole numbers: the centre of the first LR pixel is the centre of
        the first s x s block of the original.
        """
        plane = len(self.scale) - 2
        translate = [0.0] * plane + [size * (s - 1) / 2 for size in self.scale[plane:]]
        scale = [*self.scale[:plane], *(size * s for size in self.scale[plane:])]
        return {**self.arguments(), "scale": scale, "translate": translate}

    def arguments(self) -> dict[str, Any]:
        """Return the keyword arguments of ``add_image``."""
        return {"scale": list(self.scale), "units": self.units, "axis_labels": self.labels}


def pixel_size(scale: Sequence[float], units: Sequence[Any], axes: str) -> PixelSize | None:
    """Return the size of a layer's pixels as a file states it; None if it is in pixels only.

    Parameters
    ----------
    scale, units : sequence
        Of the layer, as napari has them.
    axes : str
        Of its data, from ``TZCYXS``; S has no scale. Where the layer has more dimensions than
        `axes` names, because leading ones were merged, only Y and X are believed.
    """
    from irrm_core.imagefile import PixelSize

    dimensions = axes.replace("S", "")
    y, x = (_micrometres(scale[at], units[at]) for at in (-2, -1))
    if not y or not x:
        return None
    z = None
    if "Z" in dimensions and len(dimensions) == len(scale):
        z = _micrometres(scale[dimensions.index("Z")], units[dimensions.index("Z")])
    return PixelSize(y=y, x=x, z=z)


def interval(scale: Sequence[float], units: Sequence[Any], axes: str) -> float | None:
    """Return the seconds between the frames of a layer; None if it has no such axis or unit."""
    dimensions = axes.replace("S", "")
    if "T" not in dimensions or len(dimensions) != len(scale):
        return None
    at = dimensions.index("T")
    return _in(scale[at], units[at], "second")


def _stated_interval(metadata: SourceMetadata) -> float | None:
    """Return the seconds between frames in ImageJ's or OME's metadata."""
    stated: Any = (metadata.imagej or {}).get("finterval")
    unit = "second"
    if stated is None and metadata.ome_xml:
        pixels = re.search(r"<(?:\w+:)?Pixels\b[^>]*>", metadata.ome_xml)
        said = (
            dict(re.findall(r'\b(TimeIncrement(?:Unit)?)="([^"]*)"', pixels[0])) if pixels else {}
        )
        stated, unit = said.get("TimeIncrement"), said.get("TimeIncrementUnit", "s")
    return None if stated is None else _in(stated, unit, "second")


def _micrometres(value: float, unit: Any) -> float | None:
    return _in(value, unit, "micrometer")


def _in(value: Any, unit: Any, wanted: str) -> float | None:
    """Return a positive size in another unit; None where that is of another kind."""
    import pint

    try:
        size = float(pint.Quantity(float(value), str(unit)).to(wanted).magnitude)
    except (pint.PintError, ValueError, TypeError):
        return None
    # Back from a factor like 1e-6 there may be a last digit too many.
    return float(f"{size:.12g}") if 0 < size < float("inf") else None


def _known(unit: str) -> str | None:
    """Return a file's unit as pint names it; None if that is nothing for a scale bar."""
    import pint

    try:
        known = pint.Unit(unit.strip() or PIXEL)
    except (pint.PintError, ValueError, TypeError, AttributeError):
        return None
    return str(known) if known.is_compatible_with("meter") else None
