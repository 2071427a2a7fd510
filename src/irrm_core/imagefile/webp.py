"""WebP files as bytes: add a record, and say that there is alpha where libwebp would not."""

from __future__ import annotations

import struct

_ALPHA = 1 << 4  # in byte 20 of an extended file, and of the fourth byte of a VP8L header


def with_alpha(webp: bytes) -> bytes:
    """Return a lossless WebP file that is read as RGBA even if it is opaque.

    The encoder notes that opaque pictures have no alpha, and decoders then give RGB. Alpha is
    coded all the same, so that noting the opposite is enough.
    """
    marked = bytearray(webp)
    at = marked.index(b"VP8L")
    marked[at + 12] |= _ALPHA
    if marked[12:16] == b"VP8X":
        marked[20] |= _ALPHA
    return bytes(marked)


def with_chunk(webp: bytes, kind: bytes, content: bytes) -> bytes:
    """Return the file with a chunk of a kind of one's own behind its others.

    Only the extended layout may have such chunks, so a simple file gets the header that makes
    it an extended one.
    """
    body = webp[12:]
    if body[:4] != b"VP8X":
        width, height, alpha = _simple_header(body)
        header = struct.pack("<I", _ALPHA if alpha else 0)
        header += (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
        body = b"VP8X" + struct.pack("<I", 10) + header + body
    body += kind + struct.pack("<I", len(content)) + content + bytes(len(content) & 1)
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


def _simple_header(body: bytes) -> tuple[int, int, int]:
    """Return width, height and whether there is alpha, of a lossless or a lossy picture."""
    if body[:4] == b"VP8L":
        # 14 bits each of width - 1 and height - 1, then the bit of alpha.
        (packed,) = struct.unpack_from("<I", body, 9)
        return (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1, packed >> 28 & 1
    width, height = struct.unpack_from("<HH", body, 14)
    return width & 0x3FFF, height & 0x3FFF, 0
