"""zstd files with a record: a skippable frame, which every decoder passes over, then the data.

The frame stands first, so that the record of a file of many gigabytes is read at once.
"""

from __future__ import annotations

import hashlib
import struct
from typing import TYPE_CHECKING, Any, BinaryIO

from irrm_core.archive.exact.needed import needed
from irrm_core.errors import NotRestorableError

if TYPE_CHECKING:
    from irrm_core.progress import Cancel

MAGIC = struct.pack("<I", 0x184D2A57)
"""One of the sixteen numbers that begin a skippable frame."""

LEVEL = 9
"""Of zstd: some 40 MB/s, and close to what the slow levels reach on pictures."""

MOST_RECORD = 1 << 26
"""Bytes of the largest record; extended attributes are most of a large one."""

_PART = 1 << 20
_MOST_WINDOW = 1 << 27


def write_zstd(source: BinaryIO, target: BinaryIO, record: bytes, cancel: Cancel) -> None:
    """Write a record and all of a stream behind it, in parts of a megabyte."""
    zstandard: Any = needed("zstandard")
    target.write(MAGIC + struct.pack("<I", len(record)) + record)
    coder = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True).compressobj()
    while part := source.read(_PART):
        cancel.check()
        target.write(coder.compress(part))
    target.write(coder.flush())


def read_frame(stream: BinaryIO) -> bytes | None:
    """Return the record at the beginning of a stream, which then stands behind it."""
    stream.seek(0)
    head = stream.read(8)
    if head[:4] != MAGIC or len(head) < 8:
        return None
    (length,) = struct.unpack("<I", head[4:])
    record = stream.read(length) if length <= MOST_RECORD else b""
    return record if len(record) == length else None


def read_zstd(stream: BinaryIO, target: BinaryIO | None, size: int, cancel: Cancel) -> str:
    """Decode what follows the record; return its SHA-256.

    Parameters
    ----------
    stream : BinaryIO
        As `read_frame` left it.
    target : BinaryIO or None
        None to decode for the hash alone.
    size : int
        Bytes to expect: a damaged file that goes on and on is given up.
    cancel : Cancel
        Asked before each megabyte.

    Raises
    ------
    NotRestorableError
        It is damaged.
    """
    zstandard: Any = needed("zstandard")
    digest, done = hashlib.sha256(), 0
    decoder = zstandard.ZstdDecompressor(max_window_size=_MOST_WINDOW)
    try:
        with decoder.stream_reader(stream, read_across_frames=True, closefd=False) as reader:
            while part := reader.read(_PART):
                cancel.check()
                done += len(part)
                if done > size:
                    raise NotRestorableError(f"holds more than the {size} bytes of the original")
                digest.update(part)
                if target is not None:
                    target.write(part)
    except zstandard.ZstdError as why:
        raise NotRestorableError(f"cannot be decoded ({why})") from why
    return digest.hexdigest()
