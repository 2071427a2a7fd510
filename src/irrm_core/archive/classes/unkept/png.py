"""The chunks of a PNG."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from irrm_core.archive.classes.unkept.words import behind, beside

if TYPE_CHECKING:
    import mmap

_TEXTS = (b"tEXt", b"zTXt", b"iTXt")
_COLOUR = (b"gAMA", b"cHRM")
_HIGH_RANGE = (b"cICP", b"mDCv", b"mDCV", b"cLLi", b"cLLI")
_ANIMATION = (b"acTL", b"fcTL", b"fdAT")  # refused when it is read, with a better reason
_KEPT = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"tRNS", b"eXIf", b"iCCP", b"pHYs", b"sRGB", *_TEXTS, *_ANIMATION}
)
# As in every sRGB picture: gamma of 1/2.2, and its white and primaries.
_SRGB = {
    b"gAMA": (45455,),
    b"cHRM": (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000),
}
_PROFILE = b"Raw profile type "
_CARRIED_PROFILES = (b"exif", b"APP1", b"icc", b"icm")


def lost(data: mmap.mmap) -> str | None:
    """Return what an LR file of a PNG would lose; None if nothing."""
    at = 8
    kinds: dict[bytes, int] = {}
    odd_colours = False
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        kind, start = data[at + 4 : at + 8], data[at + 8 : at + 8 + min(length, 80)]
        at += 12 + length
        if kind == b"IEND":
            break
        kinds[kind] = kinds.get(kind, 0) + length
        if kind in _TEXTS and start.startswith(_PROFILE):
            profile = start.removeprefix(_PROFILE).split(b"\0")[0]
            if profile not in _CARRIED_PROFILES:
                name = profile.decode("latin-1")
                return f"it carries {name!r} metadata in a text, which an LR file does not keep"
        odd_colours = odd_colours or (kind in _COLOUR and not _is_srgb(kind, start))
    if not kinds.keys().isdisjoint(_HIGH_RANGE):
        return "its colours are of a high dynamic range, which an LR file does not say"
    if odd_colours and kinds.keys().isdisjoint((b"iCCP", b"sRGB")):
        return "its colours are described by gamma and primaries, which an LR file does not keep"
    for kind in kinds.keys() - _KEPT:
        if said := beside(kinds[kind], f"a chunk {kind.decode('latin-1')!r}"):
            return said
    return behind(data[at:])


def _is_srgb(kind: bytes, content: bytes) -> bool:
    """Return whether a description of colours is that of sRGB, up to rounding."""
    known = _SRGB[kind]
    if len(content) != 4 * len(known):
        return False
    values = struct.unpack(f">{len(known)}I", content)
    return all(abs(value - right) <= 50 for value, right in zip(values, known, strict=True))
