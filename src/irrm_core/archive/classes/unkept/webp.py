"""The chunks of a WebP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from irrm_core.archive.classes.unkept.words import behind, beside

if TYPE_CHECKING:
    import mmap

_KEPT = (b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ICCP", b"EXIF", b"XMP ")
_ANIMATION = (b"ANIM", b"ANMF")  # refused when it is read, with a better reason


def lost(data: mmap.mmap) -> str | None:
    """Return what an LR file of a WebP would lose; None if nothing."""
    end = min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    at = 12
    while at + 8 <= end:
        kind = data[at : at + 4]
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        at += 8 + length + length % 2
        if kind not in _KEPT + _ANIMATION:
            said = beside(length, f"a chunk {kind.decode('latin-1')!r}")
            if said:
                return said
    return behind(data[max(at, end) :])
