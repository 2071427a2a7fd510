r"""Where each format keeps the record: a blob of bytes that other software leaves alone.

=====  ==========================================================================
PNG    text chunk ``irrm`` for the line of text that the blob begins with; chunks
       ``irRm`` for what follows
JPEG   APP9 segments that begin with ``irrm\0``
WebP   a chunk ``irrm`` behind all others of an extended file
AVIF   a ``uuid`` box behind all others
TIFF   private tag 65042 of bytes, in the first page; of OME-TIFF the line of text
       also as an annotation (see `ome_record`)
=====  ==========================================================================

What the blob means is not known here, only that it may begin with a line that people can read.
"""

from __future__ import annotations

import os
import struct
from typing import BinaryIO

from irrm_core.imagefile import png_chunks, webp

RECORD_KEYWORD = "irrm"
TIFF_RECORD_TAG = 65042

# By the case of its letters a decoder may skip it, it is private, and software that only compresses
# anew keeps it; that the pixels are still those that it belongs to, the record's hash tells.
_PNG_CHUNK = b"irRm"
_PNG_PART = 1 << 22  # libpng complains of chunks over 8 MB, even of those that it skips
_PNG_TEXT = 1 << 20  # viewers read texts into memory

_JPEG_MARK = b"irrm\0"
_JPEG_PART = 65000
_WEBP_CHUNK = b"irrm"
_UUID = bytes.fromhex("5f1e2d0c7b6a4938a1b2c3d4e5f60718")


def plain_line(record: bytes) -> bytes:
    """Return the line of printable ASCII that a record begins with; nothing if it does not."""
    line = record.partition(b"\n")[0]
    return line if all(0x20 <= byte <= 0x7E for byte in line) else b""


def png_record(record: bytes) -> bytes:
    """Return the record as encoded PNG chunks."""
    line = plain_line(record)
    if len(line) > _PNG_TEXT:
        line = b""
    text = [(b"tEXt", RECORD_KEYWORD.encode("ascii") + b"\0" + line)] if line else []
    rest = range(len(line), len(record), _PNG_PART)
    parts = [(_PNG_CHUNK, record[start : start + _PNG_PART]) for start in rest]
    return b"".join(png_chunks.encode(kind, content) for kind, content in text + parts)


def read_png_record(stream: BinaryIO) -> bytes | None:
    """Return the record of a PNG file, None if it has none."""
    text = png_chunks.read_texts(stream).get(RECORD_KEYWORD, "")
    chunks = [chunk for chunk in png_chunks.walk(stream) if chunk.kind == _PNG_CHUNK]
    parts = [text.encode("latin-1"), *(png_chunks.data(stream, chunk) for chunk in chunks)]
    return b"".join(parts) or None


def jpeg_record(record: bytes) -> bytes:
    """Return the record as JPEG segments."""
    parts = [record[i : i + _JPEG_PART] for i in range(0, len(record), _JPEG_PART)]
    return b"".join(
        b"\xff\xe9" + struct.pack(">H", 2 + len(_JPEG_MARK) + len(part)) + _JPEG_MARK + part
        for part in parts
    )


def read_jpeg_record(stream: BinaryIO) -> bytes | None:
    """Return the record of a JPEG file, None if it has none."""
    parts = []
    stream.seek(2)
    while len(head := stream.read(4)) == 4 and head[0] == 0xFF and head[1] != 0xDA:
        content = stream.read(max(0, struct.unpack(">H", head[2:])[0] - 2))
        if head[1] == 0xE9 and content.startswith(_JPEG_MARK):
            parts.append(content.removeprefix(_JPEG_MARK))
    return b"".join(parts) or None


def webp_with_record(content: bytes, record: bytes) -> bytes:
    """Return a WebP file with the record behind its other chunks."""
    return webp.with_chunk(content, _WEBP_CHUNK, record)


def read_webp_record(stream: BinaryIO) -> bytes | None:
    """Return the record of a WebP file, None if it has none."""
    at = 12
    while len(head := _at(stream, at, 8)) == 8:
        (length,) = struct.unpack("<I", head[4:])
        if head[:4] == _WEBP_CHUNK:
            return _whole(stream.read(length), length)
        at += 8 + length + (length & 1)
    return None


def avif_record(record: bytes) -> bytes:
    """Return the record as a box to be put at the end of an AVIF file."""
    return struct.pack(">I", 24 + len(record)) + b"uuid" + _UUID + record


def read_avif_record(stream: BinaryIO) -> bytes | None:
    """Return the record of an AVIF file, None if it has none."""
    at = 0
    while len(head := _at(stream, at, 24)) >= 8:
        (length,) = struct.unpack(">I", head[:4])
        if head[4:8] == b"uuid" and head[8:] == _UUID and length >= 24:
            return _whole(stream.read(length - 24), length - 24)
        if length < 8:  # to the end of the file, or a size of 64 bits: none of ours follows
            return None
        at += length
    return None


def _at(stream: BinaryIO, at: int, length: int) -> bytes:
    stream.seek(at, os.SEEK_SET)
    return stream.read(length)


def _whole(content: bytes, length: int) -> bytes:
    if len(content) != length:
        raise ValueError("the record is cut off")
    return content
