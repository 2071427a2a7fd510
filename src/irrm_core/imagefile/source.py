"""Open a file that may be anything, and turn whatever decoders do about it into one error."""

from __future__ import annotations

import logging
import os
import re
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import BinaryIO

from irrm_core.errors import ImageFileError, ImageTooLargeError, IrrmError

DEFAULT_MAX_PIXELS = 1 << 29
"""Pixels of one plane that are decoded unless the caller allows more: 537 megapixels.

Five times the largest photographs, and 1.6 GB of 8-bit colour: what a small machine can hold.
"""

_VOUCHED = 100
"""Decoded bytes for each byte of a file that are believed of a stack.

Measured microscopy compresses two- to fivefold and nearly black frames fiftyfold; deflate can
claim a thousand, and tiles that are missing any number.
"""

logger = logging.getLogger(__name__)

# tifffile reports through logging; with no handler set Python would print that on stderr.
logging.getLogger("tifffile").addHandler(logging.NullHandler())

_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"BM", "bmp"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"II+\0", "tiff"),
    (b"MM\0+", "tiff"),
)

_KNOWN_UNREADABLE = (
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 picture"),
    (b"\xffO\xffQ", "a JPEG 2000 picture"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL picture"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"8BPS", "a Photoshop document"),
    (b"%PDF", "a PDF"),
    (b"\x89HDF", "an HDF5 file"),
    (b"PK\x03\x04", "a zip archive"),
)


def open_regular(path: str | os.PathLike[str]) -> BinaryIO:
    """Open an ordinary, non-empty file for reading bytes.

    Raises
    ------
    ImageFileError
        It is missing, may not be read, is empty, or is a folder, pipe or device.
    """
    try:
        # Without O_NONBLOCK opening a pipe would wait for a writer.
        handle = os.open(
            path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        )
    except (OSError, ValueError) as why:
        reason = getattr(why, "strerror", None) or str(why)
        raise ImageFileError(f"{path}: cannot be opened ({reason})") from why
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode) or not status.st_size:
        os.close(handle)
        kind = "is empty" if stat.S_ISREG(status.st_mode) else "is not an ordinary file"
        raise ImageFileError(f"{path}: {kind}; give the path of an image file")
    return os.fdopen(handle, "rb")


def file_size(stream: BinaryIO) -> int:
    """Return the bytes of an open file."""
    return os.fstat(stream.fileno()).st_size


def sniff_format(stream: BinaryIO, path: Path) -> str:
    """Return the format that the content has: names lie.

    Raises
    ------
    ImageFileError
        It is none that can be read.
    """
    stream.seek(0)
    head = stream.read(32)
    stream.seek(0)
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[4:8] == b"ftyp":
        if b"avif" in head[8:] or b"avis" in head[8:]:
            return "avif"
        kind = "a HEIF picture or a video"
    else:
        kind = next((name for magic, name in _KNOWN_UNREADABLE if head.startswith(magic)), "")
    what = f"is {kind}, which is not read here" if kind else "is not an image that can be read here"
    raise ImageFileError(f"{path}: {what}; convert it to PNG or TIFF")


@contextmanager
def decoding(path: Path, doing: str = "read") -> Iterator[None]:
    """Turn everything that a decoder raises into one `ImageFileError` that names the file.

    Decoders meet hostile bytes with any exception there is, so any is expected. Their warnings
    are about damage that either became an error or did no harm.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except IrrmError:
        raise
    except MemoryError as why:
        raise ImageTooLargeError(
            f"{path}: does not fit into memory; close other programs or split the image"
        ) from why
    except Exception as why:
        # Decoders mention objects of theirs, which tell a reader nothing.
        reason = re.sub(r" <[^>]*>", "", " ".join(str(why).split()))[:200] or type(why).__name__
        raise ImageFileError(
            f"{path}: cannot be {doing}, the file is damaged or of a kind that is not known"
            f" ({reason})"
        ) from why


def check_plane(path: Path, height: int, width: int, max_pixels: int) -> None:
    """Raise if one plane must not be decoded, before it is."""
    if height < 1 or width < 1:
        raise ImageFileError(f"{path}: claims a size of {width}x{height} pixels; it is damaged")
    if height * width > max_pixels:
        raise _too_large(path, height * width, max_pixels)


def check_stack(
    path: Path, shape: tuple[int, ...], pixels: int, itemsize: int, file_size: int, max_pixels: int
) -> None:
    """Raise if a stack claims more planes than its file can plausibly hold.

    A stack may have more than `max_pixels` in all, since its planes are read one by one, if
    the file is large enough to vouch for them: a bomb is small.
    """
    if pixels > max_pixels and prod(shape) * itemsize > _VOUCHED * file_size:
        raise _too_large(path, pixels, max_pixels)


def check_whole(path: Path, pixels: int, max_pixels: int) -> None:
    """Raise if an image must not be read into one array."""
    if pixels > max_pixels:
        raise ImageTooLargeError(
            f"{path}: has {pixels / 1e6:.0f} megapixels in all, more than the"
            f" {max_pixels / 1e6:.0f} that are read at once; read it plane by plane or raise the"
            " limit"
        )


def _too_large(path: Path, pixels: int, max_pixels: int) -> ImageTooLargeError:
    return ImageTooLargeError(
        f"{path}: claims {_megapixels(pixels)} megapixels, more than the limit of"
        f" {_megapixels(max_pixels)}; raise the limit (--max-megapixels) if you trust the file"
    )


def _megapixels(pixels: int) -> str:
    """Return pixels in millions: whole ones, or of few the first two digits."""
    return f"{pixels / 1e6:.0f}" if pixels >= 10_000_000 else f"{pixels / 1e6:.2g}"
