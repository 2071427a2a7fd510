"""Read what is embedded in an image file, without loading what decodes its pixels."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from irrm_core.imagefile import embedded
from irrm_core.imagefile.ome_record import RECORD_NAMESPACE
from irrm_core.imagefile.source import decoding, open_regular, sniff_format

_DESCRIPTION = 270


def read_record(path: str | os.PathLike[str]) -> bytes | None:
    """Return the record that `write_image` embedded in a file; None if there is none.

    Of an OME-TIFF that other software wrote anew it is the line of text that the record begins
    with: what followed it is lost.

    Raises
    ------
    ImageFileError
        The file cannot be read, is no image, or its record is damaged.
    """
    path = Path(path)
    with open_regular(path) as stream:
        name = sniff_format(stream, path)
        with decoding(path):
            return _RECORD_READERS[name](stream)


def _read_tiff_record(stream: BinaryIO) -> bytes | None:
    # Of all that reads TIFF tags, Pillow alone does without numpy.
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    head = stream.read(8)
    if 43 in head[2:4]:  # BigTIFF
        head += stream.read(8)
    tags = ImageFileDirectory_v2(head)
    stream.seek(tags.next)
    tags.load(stream)
    if embedded.TIFF_RECORD_TAG in tags:
        return bytes(tags[embedded.TIFF_RECORD_TAG])
    text = tags.get(_DESCRIPTION, "")
    description = text if isinstance(text, str) else bytes(text).decode("utf-8", "replace")
    if RECORD_NAMESPACE not in description:
        return None
    from irrm_core.imagefile import ome

    return ome.record_line(description)


_RECORD_READERS: dict[str, Callable[[BinaryIO], bytes | None]] = {
    "png": embedded.read_png_record,
    "jpeg": embedded.read_jpeg_record,
    "webp": embedded.read_webp_record,
    "avif": embedded.read_avif_record,
    "bmp": lambda _stream: None,
    "gif": lambda _stream: None,
    "tiff": _read_tiff_record,
}
