"""What a TIFF says about its picture, in its tags."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any, BinaryIO

from irrm_core.imagefile import ome
from irrm_core.imagefile.metadata import PixelSize, SourceMetadata
from irrm_core.imagefile.orientation import upright
from irrm_core.imagefile.tiff_exif import read_exif

TEXT_TAGS = {270: "Description", 305: "Software", 315: "Author", 33432: "Copyright"}
_ICC, _XMP = 34675, 700


def read_metadata(
    tiff: Any, page: Any, kind: str, number: int, stream: BinaryIO, plane: tuple[int, ...]
) -> SourceMetadata:
    """Return the metadata of the image `number` of an open TIFF.

    Parameters
    ----------
    tiff, page : tifffile.TiffFile, tifffile.TiffPage
        The file and the first page of the image.
    kind : str
        ``"ome-tiff"``, ``"imagej-tiff"`` or ``"tiff"``.
    number : int
        Which image of the file.
    stream : BinaryIO
        The open file.
    plane : tuple of int
        (H, W) of the picture after its orientation was applied.
    """
    metadata = SourceMetadata(
        exif=read_exif(page, stream),
        icc=_bytes(page, _ICC),
        xmp=_bytes(page, _XMP),
        resolution=_resolution(page),
        text=_texts(page, plain=kind == "tiff" and not page.is_shaped),
    )
    if kind == "ome-tiff":
        xml = ome.only_image(tiff.ome_metadata, number)
        metadata = replace(metadata, ome_xml=xml, pixel_size=ome.pixel_size(xml))
    elif kind == "imagej-tiff":
        fields = dict(tiff.imagej_metadata)
        metadata = replace(metadata, imagej=fields, pixel_size=_imagej_pixel_size(page, fields))
    return upright(metadata, *plane)


def _bytes(page: Any, tag: int) -> bytes | None:
    value = page.tags[tag].value if tag in page.tags else None
    return value if isinstance(value, bytes) and value else None


def _texts(page: Any, plain: bool) -> dict[str, str]:
    texts = {}
    for tag, keyword in TEXT_TAGS.items():
        value = page.tags[tag].value if tag in page.tags else None
        if isinstance(value, str) and value.strip() and (plain or tag != 270):
            texts[keyword] = value
    return texts


def _rational(page: Any, tag: int) -> float | None:
    with suppress(KeyError, TypeError, ValueError, ZeroDivisionError):
        above, below = page.tags[tag].value
        return float(above / below) or None
    return None


def _resolution(page: Any) -> tuple[float, float] | None:
    x, y = _rational(page, 282), _rational(page, 283)
    unit = int(page.tags[296].value) if 296 in page.tags else 2
    inch = {2: 1.0, 3: 2.54}.get(unit)
    return (x * inch, y * inch) if x and y and inch else None


def _imagej_pixel_size(page: Any, fields: dict[str, Any]) -> PixelSize | None:
    unit = str(fields.get("unit", "")).replace("\\u00B5", "µ").strip()
    x, y = _rational(page, 282), _rational(page, 283)
    if not x or not y or unit in ("", "pixel", "pixels"):
        return None
    spacing = fields.get("spacing")
    z = float(spacing) if isinstance(spacing, int | float) and spacing > 0 else None
    return PixelSize(y=1 / y, x=1 / x, z=z, unit=unit, z_unit=unit)
