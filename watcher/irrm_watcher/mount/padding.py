"""Give a restored file the size that was promised for it, in a way that its format allows.

How large the restoration of an LR file will be is known only when it is made, and `ls` must
not restore a folder. So the size that is shown is one that no restoration exceeds, which
follows from shape and dtype alone, and the rest is filled: in a PNG with chunks and in a WebP
with a chunk that readers pass over, in TIFF and JPEG behind the end of the data. The fill is
zeros, which take no space in the cache.
"""

from __future__ import annotations

import os
import struct
import zlib
from math import prod
from typing import TYPE_CHECKING, BinaryIO

from irrm_core.errors import ImageFileError

if TYPE_CHECKING:
    from collections.abc import Sequence

_CHUNK = 1 << 20  # readers refuse to hold much larger ones
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KIND = b"irPD"  # ancillary, private, not to be copied by editors
_PNG_FRAME = 12
_WEBP_KIND = b"irPD"
_METADATA = 1 << 16
_PLANE = 1 << 12


def size_bound(
    shape: Sequence[int], axes: str, itemsize: int, *, stored_size: int, deliver: str = "lossless"
) -> int:
    """Return a size that the file of an image never exceeds; an even number.

    Parameters
    ----------
    shape, axes
        Of the image.
    itemsize : int
        Bytes of a value.
    stored_size : int
        Bytes of the archive file, which has all the metadata that the file will have.
    deliver : str
        ``"lossless"`` or ``"jpeg"``.
    """
    at = axes.index("Y")
    pixels = prod(shape) * itemsize
    planes, rows = prod(shape[:at]), prod(shape[: at + 1])
    # Deflate adds a thousandth to noise, PNG a byte to each row; a JPEG of noise at the best
    # quality is half as large again as its pixels.
    excess = pixels // 2 if deliver == "jpeg" else pixels // 256 + rows
    bound = pixels + excess + 2 * stored_size + _METADATA + planes * _PLANE
    return bound + bound % 2


def pad(stream: BinaryIO, size: int) -> None:
    """Fill a file up to `size` bytes.

    Parameters
    ----------
    stream : BinaryIO
        A PNG, WebP, TIFF or JPEG, open for reading and writing.
    size : int
        From `size_bound`.

    Raises
    ------
    ImageFileError
        The file is larger.
    """
    have = stream.seek(0, os.SEEK_END)
    if have > size or 0 < size - have < _PNG_FRAME:
        raise ImageFileError(
            f"the restoration has {have} bytes and {size} were promised; restore it with "
            "`irrm-watch restore`, and report this"
        )
    stream.seek(0)
    head = stream.read(12)
    if head.startswith(_PNG):
        _pad_png(stream, have, size)
    elif head[:4] == b"RIFF" and head[8:] == b"WEBP":
        _pad_webp(stream, have, size)
    stream.truncate(size)


def _pad_png(stream: BinaryIO, have: int, size: int) -> None:
    stream.seek(have - _PNG_FRAME)
    end = stream.read(_PNG_FRAME)
    stream.truncate(have - _PNG_FRAME)  # so that what is passed over reads as zeros
    stream.seek(have - _PNG_FRAME)
    gap = size - have
    while gap:
        part = min(gap, _CHUNK + _PNG_FRAME)
        if 0 < gap - part < _PNG_FRAME:
            part -= _PNG_FRAME
        count = part - _PNG_FRAME
        stream.write(struct.pack(">I", count) + _PNG_KIND)
        stream.seek(count, os.SEEK_CUR)
        stream.write(struct.pack(">I", zlib.crc32(bytes(count), zlib.crc32(_PNG_KIND))))
        gap -= part
    stream.write(end)


def _pad_webp(stream: BinaryIO, have: int, size: int) -> None:
    if size == have:
        return
    stream.seek(4)
    stream.write(struct.pack("<I", size - 8))
    stream.seek(have)
    stream.write(_WEBP_KIND + struct.pack("<I", size - have - 8))
