"""EXIF in a TIFF file, where it is no block of its own: tags of the page, and two directories."""

from __future__ import annotations

import logging
import os
import struct
from typing import Any, BinaryIO

from irrm_core.imagefile import exif

logger = logging.getLogger(__name__)

_MAKE, _MODEL, _DATE_TIME = 271, 272, 306
_CAMERA_TAGS = (_MAKE, _MODEL, _DATE_TIME)
_DIRECTORIES = (34665, 34853)  # EXIF and GPS
_ASCII, _LONG = 2, 4
_STAND_IN = -1  # to a tag: tifffile refuses to write the true ones; the order stays the same


def read_exif(page: Any, stream: BinaryIO) -> bytes | None:
    """Return the tags and directories of a camera or scanner as an EXIF block; None if none."""
    if not any(tag in page.tags for tag in (_MAKE, _MODEL, *_DIRECTORIES)):
        return None
    from PIL import Image

    try:
        whole, block = Image.Exif(), Image.Exif()
        stream.seek(0)
        whole.load_from_fp(stream)
        for tag in _CAMERA_TAGS:
            if tag in whole:
                block[tag] = whole[tag]
        for directory in _DIRECTORIES:
            if content := whole.get_ifd(directory):
                block[directory] = dict(content)
        return exif.strip_prefix(block.tobytes())
    except Exception as why:  # Pillow meets damaged tags with any exception there is
        logger.warning("EXIF tags cannot be read and are not carried on (%s)", why)
        return None


def exif_tags(block: bytes | None) -> list[tuple[int, int, int, Any, bool]]:
    """Return tags for tifffile to write: those of the page, and room for the directories."""
    tags: list[tuple[int, int, int, Any, bool]] = []
    whole = _parsed(block)
    for tag in _CAMERA_TAGS:
        value = whole.get(tag)
        if isinstance(value, str) and value:
            content = value.encode("utf-8", "replace") + b"\0"
            tags.append((tag, _ASCII, len(content), content, True))
    tags += [(tag + _STAND_IN, _LONG, 1, 0, True) for tag in _DIRECTORIES if whole.get_ifd(tag)]
    return tags


def append_directories(stream: BinaryIO, block: bytes | None) -> None:
    """Write the EXIF and GPS directories behind a finished file and let its tags point there.

    tifffile writes no directories of tags; Pillow does, but no 16-bit colour.
    """
    import tifffile
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    whole = _parsed(block)
    offsets = {}
    for tag in _DIRECTORIES:
        if not (content := whole.get_ifd(tag)):
            continue
        directory = ImageFileDirectory_v2(prefix=b"II")
        for name, value in content.items():
            directory[name] = value
        start = stream.seek(0, os.SEEK_END)
        start += stream.write(bytes(start % 2))
        stream.write(directory.tobytes(start))
        offsets[tag] = start
    if not offsets:
        return
    stream.seek(0)
    with tifffile.TiffFile(stream) as tiff:
        for tag, start in offsets.items():
            entry = tiff.pages.first.tags[tag + _STAND_IN]
            stream.seek(entry.offset)
            stream.write(struct.pack("<HHII", tag, _LONG, 1, start))


def _parsed(block: bytes | None) -> Any:
    from PIL import Image

    whole = Image.Exif()
    if block:
        try:
            whole.load(exif.PREFIX + block)
            for tag in _DIRECTORIES:
                whole.get_ifd(tag)
        except Exception as why:  # as above
            logger.warning("an EXIF block is damaged and is not carried on (%s)", why)
            return Image.Exif()
    return whole
