"""Change an EXIF block in place.

Writing a block anew moves its parts, and the notes that camera makers keep in it are full of
offsets that nobody else can mend. So only the few values that a rescaled picture makes wrong
are overwritten where they stand: orientation, size in pixels, resolution, thumbnail.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

PREFIX = b"Exif\0\0"

_ORIENTATION, _X_RESOLUTION, _Y_RESOLUTION = 0x0112, 0x011A, 0x011B
_EXIF_IFD = 0x8769
_IMAGE_WIDTH, _IMAGE_LENGTH = 0x0100, 0x0101
_PIXEL_X, _PIXEL_Y = 0xA002, 0xA003
_THUMBNAIL_OFFSET, _THUMBNAIL_LENGTH = 0x0201, 0x0202
_SHORT, _LONG, _RATIONAL = 3, 4, 5


@dataclass(frozen=True)
class _Entry:
    tag: int
    kind: int
    count: int
    at: int  # of the value field


class _Block:
    """An EXIF block that can be walked and overwritten; every access is checked."""

    def __init__(self, block: bytes) -> None:
        self.bytes = bytearray(block)
        order = {b"II": "<", b"MM": ">"}.get(block[:2])
        if order is None or len(block) < 8:
            raise ValueError("not an EXIF block")
        self.order = order

    def number(self, form: str, at: int) -> int:
        """Return the number of struct form `form` at `at`."""
        (value,) = struct.unpack_from(self.order + form, self.bytes, at)
        return int(value)

    def put(self, form: str, at: int, value: int) -> None:
        struct.pack_into(self.order + form, self.bytes, at, value)

    def entries(self, ifd: int) -> Iterator[_Entry]:
        """Yield the entries of the directory at `ifd`."""
        for index in range(self.number("H", ifd)):
            at = ifd + 2 + 12 * index
            yield _Entry(
                self.number("H", at), self.number("H", at + 2), self.number("I", at + 4), at + 8
            )

    def value(self, entry: _Entry) -> int:
        """Return the one SHORT or LONG of an entry."""
        return self.number("H" if entry.kind == _SHORT else "I", entry.at)

    def set_value(self, entry: _Entry, value: int) -> None:
        """Overwrite the one SHORT or LONG of an entry."""
        if entry.kind == _SHORT:
            self.put("H", entry.at, min(value, 0xFFFF))
        elif entry.kind == _LONG:
            self.put("I", entry.at, value)

    def next_link(self, ifd: int) -> int:
        """Return where the directory at `ifd` says where the next one is."""
        return ifd + 2 + 12 * self.number("H", ifd)


def strip_prefix(block: bytes) -> bytes:
    """Return the block without the prefix that JPEG puts before it."""
    return block.removeprefix(PREFIX)


def upright(block: bytes, height: int, width: int) -> bytes | None:
    """Return the block for a picture whose orientation was applied to its pixels.

    Orientation becomes 1, the sizes in pixels become those given, the thumbnail goes.

    Parameters
    ----------
    block : bytes
        A TIFF structure without prefix.
    height, width : int
        Of the picture that is written.

    Returns
    -------
    bytes or None
        None when the block is damaged: what cannot be made right must not be passed on.
    """
    sizes = {_PIXEL_X: width, _PIXEL_Y: height, _IMAGE_WIDTH: width, _IMAGE_LENGTH: height}
    try:
        exif = _Block(block)
        first = exif.number("I", 4)
        _remove_thumbnail(exif, first)
        for entry in exif.entries(first):
            if entry.tag == _ORIENTATION:
                exif.set_value(entry, 1)
            elif entry.tag in sizes:
                exif.set_value(entry, sizes[entry.tag])
            elif entry.tag == _EXIF_IFD:
                for inner in exif.entries(exif.value(entry)):
                    if inner.tag in sizes:
                        exif.set_value(inner, sizes[inner.tag])
    except (struct.error, ValueError):
        return None
    return bytes(exif.bytes)


def _remove_thumbnail(exif: _Block, first: int) -> None:
    link = exif.next_link(first)
    second = exif.number("I", link)
    if not second:
        return
    values = {entry.tag: exif.value(entry) for entry in exif.entries(second)}
    exif.put("I", link, 0)
    start = values.get(_THUMBNAIL_OFFSET, 0)
    stop = start + values.get(_THUMBNAIL_LENGTH, 0)
    if not 8 <= start < stop <= len(exif.bytes):
        return
    if stop == len(exif.bytes):
        del exif.bytes[start:]
    else:
        exif.bytes[start:stop] = bytes(stop - start)


def scale_resolution(block: bytes, factor: float) -> bytes:
    """Return the block with X and Y resolution divided by `factor`; unchanged if damaged."""
    try:
        exif = _Block(block)
        for entry in exif.entries(exif.number("I", 4)):
            if entry.tag in (_X_RESOLUTION, _Y_RESOLUTION) and entry.kind == _RATIONAL:
                at = exif.number("I", entry.at)
                above, below = exif.number("I", at), exif.number("I", at + 4)
                ratio = Fraction(above, below) / Fraction(factor).limit_denominator(1 << 10)
                ratio = ratio.limit_denominator(1 << 16)
                exif.put("I", at, ratio.numerator)
                exif.put("I", at + 4, ratio.denominator)
    except (struct.error, ValueError, ZeroDivisionError):
        return block
    return bytes(exif.bytes)


def orientation(block: bytes) -> int | None:
    """Return the orientation, 1 to 8, that the block states; None if it states none."""
    try:
        exif = _Block(block)
        for entry in exif.entries(exif.number("I", 4)):
            if entry.tag == _ORIENTATION and 1 <= (value := exif.value(entry)) <= 8:
                return value
    except (struct.error, ValueError):
        pass
    return None
