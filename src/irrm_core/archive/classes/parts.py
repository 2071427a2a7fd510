"""Whether a file is a part of something larger, as its content says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from irrm_core.errors import ImageFileError
from irrm_core.imagefile.source import decoding

if TYPE_CHECKING:
    from pathlib import Path

_FILE_NAME = re.compile(r"<(?:\w+:)?UUID\b[^>]*\bFileName\s*=\s*[\"']([^\"']*)[\"']")
_BINARY_ONLY = re.compile(r"<(?:\w+:)?BinaryOnly\b")
_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def other_files(path: Path) -> str | None:
    """Return why a file is a part of something larger, as the end of a sentence; else None.

    A file that cannot be read is not this function's to report.
    """
    xml = _ome_xml(path)
    names = set(_FILE_NAME.findall(xml))
    if len(names) > 1:
        return f"is one of {len(names)} files of an acquisition (OME-TIFF)"
    if _BINARY_ONLY.search(xml):
        return "is a part of an acquisition that another file describes (OME-TIFF)"
    return None


def _ome_xml(path: Path) -> str:
    with path.open("rb") as stream:
        if stream.read(4) not in _TIFF:
            return ""
        stream.seek(0)
        import tifffile

        try:
            with decoding(path), tifffile.TiffFile(stream, name="i.tif", _multifile=False) as tiff:
                return tiff.ome_metadata or ""
        except ImageFileError:
            return ""
