"""The chunks of a PNG file: texts, EXIF and the record, without decoding a pixel.

Pillow reads what stands before the pixels and decodes the picture to learn what stands after
them; a walk over the chunks costs nothing.
"""

from __future__ import annotations

import binascii
import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

SIGNATURE = b"\x89PNG\r\n\x1a\n"
XMP_KEYWORD = "XML:com.adobe.xmp"
_MAX_TEXT = 1 << 26  # inflated; an XMP packet with an embedded preview takes a few MB


@dataclass(frozen=True)
class Chunk:
    """Where a chunk lies: its four-letter kind, and its data."""

    kind: bytes
    at: int
    length: int


def walk(stream: BinaryIO) -> Iterator[Chunk]:
    """Yield the chunks up to IEND, or up to where the file is damaged."""
    size = stream.seek(0, os.SEEK_END)
    at = len(SIGNATURE)
    while at + 12 <= size:
        stream.seek(at)
        length, kind = struct.unpack(">I4s", stream.read(8))
        if at + 12 + length > size:
            return
        yield Chunk(kind, at + 8, length)
        if kind == b"IEND":
            return
        at += 12 + length


def data(stream: BinaryIO, chunk: Chunk) -> bytes:
    """Return a chunk's data.

    Raises
    ------
    ValueError
        The checksum does not match.
    """
    stream.seek(chunk.at)
    content = stream.read(chunk.length)
    (checksum,) = struct.unpack(">I", stream.read(4))
    if zlib.crc32(chunk.kind + content) != checksum:
        raise ValueError(f"the checksum of a {chunk.kind.decode('latin-1')} chunk is wrong")
    return content


def encode(kind: bytes, content: bytes) -> bytes:
    """Return a chunk as it stands in the file."""
    return (
        struct.pack(">I", len(content)) + kind + content
        + struct.pack(">I", zlib.crc32(kind + content))
    )  # fmt: skip


def read_texts(stream: BinaryIO) -> dict[str, str]:
    """Return the texts by keyword, of all three kinds of text chunk; damaged ones are left out."""
    texts: dict[str, str] = {}
    for chunk in walk(stream):
        if chunk.kind in (b"tEXt", b"zTXt", b"iTXt"):
            try:
                keyword, text = _text(chunk.kind, data(stream, chunk))
            except (ValueError, zlib.error, IndexError):
                continue
            texts.setdefault(keyword, text)
    return texts


def _text(kind: bytes, content: bytes) -> tuple[str, str]:
    name, _, rest = content.partition(b"\0")
    keyword = name.decode("latin-1")
    if kind == b"tEXt":
        return keyword, rest.decode("latin-1")
    if kind == b"zTXt":
        return keyword, _inflate(rest[1:]).decode("latin-1")
    compressed = rest[0]
    _language, _, rest = rest[2:].partition(b"\0")
    _translated, _, text = rest.partition(b"\0")
    return keyword, (_inflate(text) if compressed else text).decode("utf-8")


def _inflate(compressed: bytes) -> bytes:
    inflater = zlib.decompressobj()
    text = inflater.decompress(compressed, _MAX_TEXT)
    if inflater.unconsumed_tail:
        raise ValueError("a text is too long")
    return text


def read_exif(stream: BinaryIO, texts: dict[str, str]) -> bytes | None:
    """Return the EXIF block of the eXIf chunk, or of the text in which it was kept before 2017."""
    for chunk in walk(stream):
        if chunk.kind == b"eXIf":
            return data(stream, chunk)
    profile = texts.get("Raw profile type exif") or texts.get("Raw profile type APP1")
    if not profile:
        return None
    try:
        return binascii.unhexlify("".join(profile.split()[2:]))
    except ValueError:
        return None


def splice(png: bytes, extra: bytes) -> bytes:
    """Return the file with encoded chunks put behind its header."""
    behind_header = len(SIGNATURE) + 12 + 13
    return png[:behind_header] + extra + png[behind_header:]
