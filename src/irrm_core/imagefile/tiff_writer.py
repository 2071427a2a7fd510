"""Write TIFF plane by plane: plain, ImageJ or OME-TIFF, with the record in a private tag."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from math import prod
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from irrm_core.errors import UsageError
from irrm_core.imagefile import ome
from irrm_core.imagefile.atomic import final_name
from irrm_core.imagefile.embedded import TIFF_RECORD_TAG, plain_line
from irrm_core.imagefile.metadata import SourceMetadata
from irrm_core.imagefile.reader import Array
from irrm_core.imagefile.tiff_exif import append_directories, exif_tags
from irrm_core.imagefile.tiff_metadata import TEXT_TAGS

_CLASSIC_LIMIT = (1 << 32) - (1 << 26)  # leaves room for directories and metadata
_OME_TYPES = ("uint8", "uint16", "uint32", "int8", "int16", "int32", "float32", "float64")
_BYTES, _ASCII, _UNDEFINED = 1, 2, 7
_XMP, _ICC, _DESCRIPTION, _SOFTWARE = 700, 34675, 270, 305
_IMAGEJ_TAGGED = {
    "Info", "Labels", "Ranges", "LUTs", "Plot", "ROI", "Overlays", "Properties",
}  # fmt: skip
"""Fields that have a tag of their own and may hold any letters."""


def write_tiff(
    path: Path,
    stream: BinaryIO,
    planes: Iterator[Array],
    shape: tuple[int, ...],
    axes: str,
    dtype: np.dtype[Any],
    name: str,
    metadata: SourceMetadata,
    record: bytes | None,
    compression: str | None,
) -> None:
    """Write planes to an open file.

    Only one plane is in memory at a time. Files of more than 4 GB become BigTIFF.

    Parameters
    ----------
    path : Path
        For messages and the name of the image in OME-XML.
    stream : BinaryIO
        Open for writing, seekable.
    planes : iterator of ndarray
        As many as the leading axes say, each (H, W), (H, W, 3) or (H, W, 4).
    shape, axes, dtype
        Of the whole image.
    name : str
        ``"tiff"`` for the kind that suits axes and metadata, ``"ome-tiff"`` or
        ``"imagej-tiff"``.
    metadata : SourceMetadata
        Upright, of the size of the planes.
    record : bytes or None
        Embedded as it is; in OME-TIFF the line of text that it begins with is an annotation too,
        which programs keep that drop private tags.
    compression : str or None
        ``"deflate"``, which every reader knows; None for none.
    """
    import tifffile

    flavour = _flavour(path, shape, axes, dtype, name, metadata)
    bigtiff = prod(shape) * dtype.itemsize > _CLASSIC_LIMIT
    block = None if bigtiff else metadata.exif  # directories of BigTIFF have another layout
    leading = axes.index("Y")
    samples = shape[-1] if axes.endswith("S") else 1
    options: dict[str, Any] = {
        "photometric": "rgb" if samples > 1 else "minisblack",
        "planarconfig": "contig" if samples > 1 else None,
        "extrasamples": ("unassalpha",) if samples == 4 else None,
        "compression": compression,
        "predictor": compression is not None and dtype.kind in "ui" and dtype.itemsize <= 2,
        "software": metadata.text.get("Software", "").encode("utf-8") or False,
        "extratags": [*_tags(metadata, record, flavour), *exif_tags(block)],
        "resolution": metadata.resolution,
        "resolutionunit": "inch" if metadata.resolution else None,
        "metadata": None,
        "maxworkers": 1,
    }
    if flavour == "ome-tiff":
        options["description"] = ome.describe(
            metadata.ome_xml, shape, axes, dtype, metadata.pixel_size, final_name(path),
            metadata.text.get("Comment"), plain_line(record or b""), _interval(metadata),
        )  # fmt: skip
    elif flavour == "imagej-tiff":
        options |= _imagej_options(metadata, axes)
    # A map and not a generator: tifffile would close that after the last plane that it needs.
    checked = map(partial(_checked, shape=shape[leading:], dtype=dtype), planes)
    with tifffile.TiffWriter(
        stream,
        byteorder="<",
        bigtiff=bigtiff,
        imagej=flavour == "imagej-tiff",
        ome=False,
        shaped=False,
    ) as tiff:
        tiff.write(
            checked,
            shape=shape if flavour == "imagej-tiff" else (prod(shape[:leading]), *shape[leading:]),
            dtype=dtype,
            **options,
        )
    next(checked, None)  # lets the source see that no more planes are asked for
    append_directories(stream, block)


def _checked(plane: Array, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
    """Return the plane; a wrong one must not become a file that looks whole."""
    if plane.shape != shape or plane.dtype != dtype:
        raise UsageError(
            f"a plane of shape {plane.shape} and type {plane.dtype} was given where"
            f" {shape} and {dtype} were announced"
        )
    return np.ascontiguousarray(plane)


def _flavour(
    path: Path,
    shape: tuple[int, ...],
    axes: str,
    dtype: np.dtype[Any],
    name: str,
    metadata: SourceMetadata,
) -> str:
    leading = axes[: axes.index("Y")]
    imagej = (
        dtype.name in ("uint8", "uint16", "float32")
        and "TZC".translate({ord(a): "" for a in set("TZC") - set(leading)}) == leading
        and (not axes.endswith("S") or (shape[-1] == 3 and dtype == np.uint8))
        and prod(shape) * dtype.itemsize < _CLASSIC_LIMIT
    )
    if name == "imagej-tiff" and not imagej:
        raise UsageError(
            f"{path}: ImageJ's TIFF holds uint8, uint16 and float32 in the order TZCYX up to 4 GB,"
            f" not {dtype} in {axes}; write an OME-TIFF (.ome.tif)"
        )
    if name == "ome-tiff" and dtype.name not in _OME_TYPES:
        raise UsageError(f"{path}: OME-TIFF knows no pixels of type {dtype}; write a plain TIFF")
    if name != "tiff":
        return name
    if metadata.imagej is not None and metadata.ome_xml is None and imagej:
        return "imagej-tiff"
    wants_ome = metadata.scientific or leading not in ("", "T")
    if wants_ome and dtype.name in _OME_TYPES:
        return "ome-tiff"
    if leading not in ("", "T"):
        raise UsageError(f"{path}: no TIFF holds {dtype} pixels with the axes {axes}; convert them")
    return "tiff"


def _tags(
    metadata: SourceMetadata, record: bytes | None, flavour: str
) -> list[tuple[int, int, int, Any, bool]]:
    tags: list[tuple[int, int, int, Any, bool]] = []
    if metadata.icc:
        tags.append((_ICC, _UNDEFINED, len(metadata.icc), metadata.icc, True))
    if metadata.xmp:
        tags.append((_XMP, _BYTES, len(metadata.xmp), metadata.xmp, True))
    texts = {tag: metadata.text.get(keyword, "") for tag, keyword in TEXT_TAGS.items()}
    texts.pop(_SOFTWARE)  # tifffile writes that one
    texts[_DESCRIPTION] = _plain_description(metadata) if flavour == "tiff" else ""
    for tag, text in texts.items():
        if text:
            content = text.encode("utf-8") + b"\0"
            tags.append((tag, _ASCII, len(content), content, True))
    if record:
        tags.append((TIFF_RECORD_TAG, _UNDEFINED, len(record), record, True))
    return tags


def _plain_description(metadata: SourceMetadata) -> str:
    """Return the two texts that people read, in the one tag that viewers show."""
    return "\n".join(filter(None, (metadata.text.get(k) for k in ("Description", "Comment"))))


def _interval(metadata: SourceMetadata) -> float | None:
    """Return the seconds between time points that ImageJ metadata state, if any."""
    value = (metadata.imagej or {}).get("finterval")
    return float(value) if isinstance(value, int | float) and 0 < value < float("inf") else None


def _imagej_options(metadata: SourceMetadata, axes: str) -> dict[str, Any]:
    # What tifffile states itself, and names that its function has for other things.
    stated = {"axes", "rgb", "colormapped", "colormaped", "order"}
    fields: dict[str, Any] = {}
    for key, value in (metadata.imagej or {}).items():
        if key not in stated:
            line = isinstance(value, str) and key not in _IMAGEJ_TAGGED
            fields[key] = _escaped(value) if line else value
    if comment := metadata.text.get("Comment"):
        fields["Info"] = "\n".join(filter(None, (comment, fields.get("Info"))))
    fields["axes"] = axes
    options: dict[str, Any] = {"metadata": fields}
    if size := metadata.pixel_size:
        fields.setdefault("unit", _escaped(size.unit))
        if size.z is not None:
            fields["spacing"] = size.z
        options |= {"resolution": (1 / size.x, 1 / size.y), "resolutionunit": None}
    return options


def _escaped(text: str) -> str:
    """Return one line of ASCII, with other letters as ImageJ escapes them."""
    line = " ".join(text.split())
    return "".join(c if c.isascii() else f"\\u{ord(c):04X}" for c in line)
