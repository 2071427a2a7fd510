"""Read PNG, JPEG, WebP, BMP, GIF and AVIF: one picture a file.

imageio decodes. Pillow reads the header, since imageio's `metadata` decodes the whole of a PNG to
look for EXIF behind the pixels, and refuses a picture for damaged EXIF.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image

from irrm_core.errors import ImageFileError
from irrm_core.imagefile import exif, png_chunks
from irrm_core.imagefile.embedded import RECORD_KEYWORD
from irrm_core.imagefile.metadata import SourceMetadata
from irrm_core.imagefile.orientation import orientation_of, turn, turned_shape, upright
from irrm_core.imagefile.raster_pixels import StoredPixels, decode, imagecodecs_for, of_any_size
from irrm_core.imagefile.reader import Array, ImageInfo, ImageReader
from irrm_core.imagefile.source import check_plane, decoding

logger = logging.getLogger(__name__)

_PILLOW_FORMATS = {
    "png": ("PNG",), "jpeg": ("JPEG", "MPO"), "webp": ("WEBP",), "bmp": ("BMP",),
    "gif": ("GIF",), "avif": ("AVIF",),
}  # fmt: skip
_SAMPLES: dict[str, tuple[int, ...]] = {"L": (), "I;16": (), "RGB": (3,), "RGBA": (4,)}


class RasterReader(ImageReader):
    """A picture in a format with one picture a file; see `open_raster`."""

    def __init__(
        self, info: ImageInfo, stream: BinaryIO, max_pixels: int, stored: StoredPixels, turned: int
    ) -> None:
        super().__init__(info, stream, max_pixels)
        self._stored = stored
        self._turned = turned

    def _decode(self, index: tuple[int, ...]) -> Array:
        return turn(decode(self.info.path, self._stream, self._stored), self._turned)


def open_raster(path: Path, stream: BinaryIO, name: str, max_pixels: int) -> RasterReader:
    """Open a picture in the format `name`; nothing is decoded yet.

    Palette, 1-bit and transparent pictures become (H, W), (H, W, 3) or (H, W, 4) without loss;
    gray with alpha becomes RGBA. CMYK is converted to sRGB through the file's own profile, and
    refused where it has none, since nobody knows its colours then.
    """
    with decoding(path):
        image = _open(stream, name)
        check_plane(path, image.height, image.width, max_pixels)
        _refuse_animation(path, image)
        metadata = _metadata(image, stream, name)
        bits = _bits(stream) if name == "png" else 8
        mode = _target_mode(path, image, metadata)
        if bits == 16 and mode in ("RGB", "RGBA"):
            imagecodecs_for(path)
        if image.mode == "CMYK":
            metadata = replace(metadata, icc=None)
        turned = orientation_of(metadata)
        stored = StoredPixels(
            bits=bits,
            mode=image.mode,
            target=mode,
            transparent=image.info.get("transparency"),
            profile=image.info.get("icc_profile"),
        )
        shape = turned_shape((image.height, image.width, *_SAMPLES[mode]), turned)
        info = ImageInfo(
            path=path,
            format=name,
            shape=shape,
            dtype=np.dtype(np.uint16 if bits == 16 else np.uint8),
            axes="YX" if len(shape) == 2 else "YXS",
            bits=bits,
            metadata=upright(metadata, *shape[:2]),
        )
    return RasterReader(info, stream, max_pixels, stored, turned)


def _open(stream: BinaryIO, name: str) -> Image.Image:
    stream.seek(0)
    with of_any_size():
        return Image.open(stream, formats=_PILLOW_FORMATS[name])


def _refuse_animation(path: Path, image: Image.Image) -> None:
    frames = getattr(image, "n_frames", 1)
    if frames == 1:
        return
    if image.format == "MPO":
        logger.info("%s: only the first of its %d pictures is read", path, frames)
        return
    raise ImageFileError(
        f"{path}: is an animation of {frames} frames, of which only one would be kept;"
        " save the frames as a multi-page TIFF"
    )


def _bits(stream: BinaryIO) -> int:
    stream.seek(24)
    depth = stream.read(1)[0]
    return 16 if depth == 16 else 8


def _target_mode(path: Path, image: Image.Image, metadata: SourceMetadata) -> str:
    transparent = "transparency" in image.info
    match image.mode:
        case "1" | "L":
            return "RGBA" if transparent else "L"
        case "I;16":
            return "RGBA" if transparent else "I;16"
        case "RGB" | "RGBX":
            return "RGBA" if transparent else "RGB"
        case "RGBA" | "LA":
            return "RGBA"
        case "P":
            if transparent:
                return "RGBA"
            return "L" if _is_gray(image) else "RGB"
        case "CMYK" if metadata.icc:
            return "RGB"
        case "CMYK":
            raise ImageFileError(
                f"{path}: is CMYK without a colour profile, so that its colours are unknown;"
                " convert it to RGB"
            )
        case mode:
            raise ImageFileError(f"{path}: has pixels of kind {mode}; convert it to RGB")


def _is_gray(image: Image.Image) -> bool:
    palette = np.array(image.getpalette("RGB"), np.uint8).reshape(-1, 3)
    return bool((palette == palette[:, :1]).all())


def _metadata(image: Image.Image, stream: BinaryIO, name: str) -> SourceMetadata:
    texts: dict[str, str] = {}
    block = image.info.get("exif")
    xmp = image.info.get("xmp")
    if name == "png":
        texts = png_chunks.read_texts(stream)
        block = png_chunks.read_exif(stream, texts)
        if packet := texts.get(png_chunks.XMP_KEYWORD):
            xmp = packet
    elif comment := image.info.get("comment"):
        texts["Comment"] = bytes(comment).decode("utf-8", "replace")
    return SourceMetadata(
        exif=exif.strip_prefix(block) if block else None,
        icc=image.info.get("icc_profile") or None,
        xmp=(xmp.encode() if isinstance(xmp, str) else xmp) or None,
        resolution=_resolution(image),
        text={
            keyword: text
            for keyword, text in texts.items()
            if keyword not in (RECORD_KEYWORD, png_chunks.XMP_KEYWORD)
            and not keyword.startswith("Raw profile type")
        },
    )


def _resolution(image: Image.Image) -> tuple[float, float] | None:
    try:
        x, y = (float(value) for value in image.info["dpi"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    return (x, y) if np.isfinite([x, y]).all() and min(x, y) > 0 else None
