"""Decode the pixels of a picture, through imageio."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO

import imageio.v3 as iio
import numpy as np
from imageio.plugins.pillow import PillowPlugin
from PIL import Image

from irrm_core.errors import ImageFileError
from irrm_core.imagefile import png_chunks
from irrm_core.imagefile.reader import Array

_bomb_check = Lock()


@dataclass(frozen=True)
class StoredPixels:
    """How a file holds its pixels, and what becomes of them.

    Attributes
    ----------
    bits : int
        For each sample: 16, else 8 or fewer.
    mode, target : str
        Kind of the pixels as stored and as they are wanted, as Pillow names them.
    transparent : object
        The gray level, colour or palette entries that the file calls transparent, or None.
    profile : bytes or None
        ICC profile.
    """

    bits: int
    mode: str
    target: str
    transparent: Any
    profile: bytes | None


def decode(path: Path, stream: BinaryIO, stored: StoredPixels) -> Array:
    """Return the pixels (H, W), (H, W, 3) or (H, W, 4) of an open file, uint8 or uint16.

    The array may be read-only. Whatever a decoder raises comes through as it is.
    """
    if stored.bits == 16:
        return _decode_deep_png(path, stream, stored)
    if stored.mode == "CMYK":
        return _to_srgb(_decode(stream), stored.profile)
    return _decode(stream, None if stored.mode == stored.target else stored.target)


class _Pixels(PillowPlugin):
    """imageio's reader, of the pixels and nothing else."""

    def metadata(self, index: int | None = None, exclude_applied: bool = True) -> dict[str, Any]:
        """Return nothing: `read` asks for it in vain, and would fail on damaged EXIF."""
        return {}

    def close(self) -> None:
        """Leave our file open."""


def _decode(stream: BinaryIO, mode: str | None = None) -> Array:
    stream.seek(0)
    with of_any_size():
        picture: Any = iio.imopen(stream, "r", plugin=_Pixels)
    pixels: Array = picture.read(index=0, mode=mode, writeable_output=False)
    return pixels


@contextmanager
def of_any_size() -> Iterator[None]:
    """Lift Pillow's own limit while a file is opened, which reads no more than the header.

    It is a module variable and far below ours, which is checked before anything is decoded.
    """
    with _bomb_check:
        limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            yield
        finally:
            Image.MAX_IMAGE_PIXELS = limit


def _to_srgb(cmyk: Array, profile: bytes | None) -> Array:
    from PIL import ImageCms

    converted = ImageCms.profileToProfile(
        Image.fromarray(cmyk, "CMYK"),
        ImageCms.ImageCmsProfile(io.BytesIO(profile or b"")),
        ImageCms.createProfile("sRGB"),
        outputMode="RGB",
    )
    if converted is None:
        raise ValueError("its colour profile cannot be applied")
    return np.asarray(converted)


def imagecodecs_for(path: Path) -> Any:
    """Return the module imagecodecs.

    Raises
    ------
    ImageFileError
        It is not installed, and the file at `path` needs it.
    """
    try:
        import imagecodecs
    except ImportError as why:
        raise ImageFileError(
            f"{path}: has 16 bits a colour, which takes imagecodecs to read;"
            " install it with: pip install 'napari-irrm[codecs]'"
        ) from why
    return imagecodecs


def _decode_deep_png(path: Path, stream: BinaryIO, stored: StoredPixels) -> Array:
    """Decode a PNG with 16 bits a sample, of which Pillow keeps 8 in colour, without a word."""
    for chunk in png_chunks.walk(stream):
        png_chunks.data(stream, chunk)  # libpng would print its complaints on stderr
    if stored.mode == "I;16":
        gray = _decode(stream)
        if stored.transparent is None:
            return gray
        alpha = np.where(gray == stored.transparent, 0, 0xFFFF).astype(np.uint16)
        return np.stack([gray, gray, gray, alpha], axis=-1)
    stream.seek(0)
    pixels = np.asarray(imagecodecs_for(path).png_decode(stream.read()))
    if pixels.ndim == 3 and pixels.shape[2] == 2:
        return np.ascontiguousarray(pixels[..., [0, 0, 0, 1]])
    return pixels
