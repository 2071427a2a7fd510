"""The segments of a JPEG, and what follows the picture: phones append videos there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from irrm_core.archive.classes.unkept.words import CMYK, behind, beside

if TYPE_CHECKING:
    import mmap

# In the compressed part of a JPEG 0xFF is followed by 0 or a restart marker, else a segment begins.
_SEGMENT = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_END, _ALONE = 0xD9, (0x01, 0xD8)
_APPLICATION = range(0xE0, 0xF0)
_NAMES = {
    0xE2: "FlashPix data (APP2)",
    0xEB: "signed or embedded data (APP11)",
    0xED: "captions or other data of Photoshop and IPTC (APP13)",
}
# Read and carried along, or of no meaning without the compressed picture.
_KEPT = {
    0xE0: (b"JFIF\0", b"JFXX\0"),
    0xE1: (b"Exif\0", b"http://ns.adobe.com/xap/1.0/\0"),
    0xE2: (b"ICC_PROFILE\0",),
    0xEE: (b"Adobe",),
}


def lost(data: mmap.mmap) -> str | None:
    """Return what an LR file of a JPEG would lose; None if nothing."""
    at = 2
    several = cmyk = False
    other: dict[int, int] = {}
    while at < len(data):
        found = _SEGMENT.search(data, at)
        if found is None:
            return None
        at = found.start() + 2
        kind = data[at - 1]
        if kind == _END:
            break
        if kind in _ALONE:
            continue
        length = int.from_bytes(data[at : at + 2], "big")
        start = data[at + 2 : at + 40]
        cmyk = cmyk or (kind in _FRAMES and start[5:6] == b"\x04")
        if kind == 0xE2 and start.startswith(b"MPF\0"):
            several = True
        elif kind in _APPLICATION and not start.startswith(_KEPT.get(kind, ())):
            other[kind] = other.get(kind, 0) + length
        at += max(length, 2)
    if several:
        return "it holds more than one picture, of which an LR file keeps the first"
    if cmyk:
        return CMYK
    for kind, count in other.items():
        if said := beside(count, _NAMES.get(kind, f"data of some program (APP{kind - 0xE0})")):
            return said
    return behind(data[at:])
