"""Boxes of a JPEG XL container: decoders pass over kinds that they do not know."""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING, BinaryIO

from irrm_core.errors import NotRestorableError

if TYPE_CHECKING:
    from collections.abc import Iterator

SIGNATURE = b"\0\0\0\x0cJXL \r\n\x87\n"
RECORD = b"irRm"

_HEAD = {b"JXL ", b"ftyp", b"jxll"}


def with_boxes(container: bytes, *boxes: tuple[bytes, bytes]) -> bytes:
    """Return a container with boxes put before its content.

    Parameters
    ----------
    container : bytes
        A JPEG XL file with boxes.
    *boxes : tuple of bytes
        Kind and content of each.
    """
    at = 0
    while container[at + 4 : at + 8] in _HEAD:
        at += int.from_bytes(container[at : at + 4], "big")
    made = [struct.pack(">I4s", 8 + len(content), kind) + content for kind, content in boxes]
    return b"".join([container[:at], *made, container[at:]])


def without_box(container: bytes, kind: bytes) -> bytes:
    """Return a container without its first box of a kind."""
    for start, length in _walk(io.BytesIO(container), kind):
        # Ours have short headers; another one is not ours, and what is left is told by its hash.
        return container[: start - 8] + container[start + length :]
    return container


def read_box(stream: BinaryIO, kind: bytes, most: int) -> bytes | None:
    """Return the content of the first box of a kind; None if there is none.

    Raises
    ------
    NotRestorableError
        The boxes are damaged.
    """
    for start, length in _walk(stream, kind):
        if length > most:
            raise NotRestorableError("a box is larger than any that is written")
        stream.seek(start)
        content = stream.read(length)
        if len(content) != length:
            raise NotRestorableError("the file is cut off")
        return content
    return None


def _walk(stream: BinaryIO, wanted: bytes) -> Iterator[tuple[int, int]]:
    at = 0
    while True:
        stream.seek(at)
        head = stream.read(16)
        if len(head) < 8:
            return
        length, kind = struct.unpack(">I4s", head[:8])
        skip = 8
        if length == 1 and len(head) == 16:
            (length,), skip = struct.unpack(">Q", head[8:]), 16
        if kind == wanted and length >= skip:
            yield at + skip, length - skip
        if length < skip:  # to the end of the file, or damaged: none of ours follows
            return
        at += length
