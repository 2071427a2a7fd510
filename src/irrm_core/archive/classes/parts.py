"""What a file holds beside the picture that is read, which an LR file would lose."""

from __future__ import annotations

import mmap
import re
from typing import TYPE_CHECKING

from irrm_core.errors import ImageFileError
from irrm_core.imagefile.source import decoding

if TYPE_CHECKING:
    from pathlib import Path

_FILE_NAME = re.compile(r"<(?:\w+:)?UUID\b[^>]*\bFileName\s*=\s*[\"']([^\"']*)[\"']")
_BINARY_ONLY = re.compile(r"<(?:\w+:)?BinaryOnly\b")
# In the compressed part of a JPEG 0xFF is followed by 0 or a restart marker, else a segment begins.
_SEGMENT = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
_PADDING = 64
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


def lost_beside(path: Path) -> str | None:
    """Return what an LR file of an image would lose; None if nothing.

    Phones append videos and second pictures to a JPEG: only the first picture is read.
    """
    with path.open("rb") as stream:
        if stream.read(3) != b"\xff\xd8\xff":
            return None
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        at, several = 2, False
        while at < len(data):
            found = _SEGMENT.search(data, at)
            if found is None:
                return None
            at = found.start() + 2
            kind = data[at - 1]
            if kind == 0xD9:
                break
            if kind in (0x01, 0xD8):
                continue
            length = int.from_bytes(data[at : at + 2], "big")
            several = several or (kind == 0xE2 and data[at + 2 : at + 6] == b"MPF\0")
            at += max(length, 2)
        rest = len(data[at:].strip(b"\0"))
    if several:
        return "it holds more than one picture, of which an LR file keeps the first"
    if rest > _PADDING:
        return f"it carries {rest} bytes behind its picture, which an LR file does not keep"
    return None
