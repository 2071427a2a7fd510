"""Read PNG, JPEG, WebP, BMP and AVIF: one picture a file.

Pillow is used directly rather than through imageio, which hides the orientation, profile and
EXIF bytes that must be carried on.
"""

from __future__ import annotations

import io
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from irrm_core.errors import ImageFileError
from irrm_core.imagefile import exif, png_chunks
from irrm_core.imagefile.embedded import RECORD_KEYWORD
from irrm_core.imagefile.metadata import SourceMetadata
from irrm_core.imagefile.orientation import orientation_of, turn, turned_shape, upright
from irrm_core.imagefile.reader import Array, ImageInfo, ImageReader
from irrm_core.imagefile.source import check_plane, decoding

if TYPE_CHECKING:
    from PIL import Image

logger = logging.getLogger(__name__)

_PILLOW_FORMATS = {
    "png": ("PNG",), "jpeg": ("JPEG", "MPO"), "webp": ("WEBP",), "bmp": ("BMP",),
    "avif": ("AVIF",),
}  # fmt: skip
_SAMPLES: dict[str, tuple[int, ...]] = {"L": (), "I;16": (), "RGB": (3,), "RGBA": (4,)}
_bomb_check = Lock()


class RasterReader(ImageReader):
    """A picture in a format with one picture a file; see `open_raster`."""

    def __init__(
        self, info: ImageInfo, stream: BinaryIO, max_pixels: int, mode: str, turned: int
    ) -> None:
        super().__init__(info, stream, max_pixels)
        self._mode = mode
        self._turned = turned

    def _decode(self, index: tuple[int, ...]) -> Array:
        # Opened anew, so that Pillow's copy of the pixels goes when ours is made.
        with _open(self._stream, self.info.format) as image:
            if self.info.format == "png" and self.info.bits == 16:
                pixels = _decode_deep_png(self.info.path, self._stream, image)
            else:
                pixels = np.asarray(_converted(image, self._mode))
        return turn(pixels, self._turned)


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
            _imagecodecs(path)
        if image.mode == "CMYK":
            metadata = _without_profile(metadata)
        turned = orientation_of(metadata)
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
    return RasterReader(info, stream, max_pixels, mode, turned)


def _open(stream: BinaryIO, name: str) -> Image.Image:
    from PIL import Image

    # Pillow's own limit is a module variable and far below ours, which is checked next: opening
    # reads no more than the header.
    stream.seek(0)
    with _bomb_check, _replaced(Image, "MAX_IMAGE_PIXELS", None):
        return Image.open(stream, formats=_PILLOW_FORMATS[name])


@contextmanager
def _replaced(owner: Any, name: str, value: object) -> Iterator[None]:
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


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


def _converted(image: Image.Image, mode: str) -> Image.Image:
    image.load()
    if image.mode == mode:
        return image
    if image.mode == "CMYK":
        from PIL import ImageCms

        profile = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
        converted = ImageCms.profileToProfile(
            image, profile, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
        if converted is None:
            raise ValueError("its colour profile cannot be applied")
        return converted
    return image.convert(mode)


def _imagecodecs(path: Path) -> Any:
    try:
        import imagecodecs
    except ImportError as why:
        raise ImageFileError(
            f"{path}: has 16 bits a colour, which takes imagecodecs to read;"
            " install it with: pip install 'napari-irrm[codecs]'"
        ) from why
    return imagecodecs


def _decode_deep_png(path: Path, stream: BinaryIO, image: Image.Image) -> Array:
    """Decode a PNG with 16 bits a sample, of which Pillow keeps 8 in colour, without a word."""
    for chunk in png_chunks.walk(stream):
        png_chunks.data(stream, chunk)  # libpng would print its complaints on stderr
    key = None
    if image.mode == "I;16":
        pixels = np.asarray(image, np.uint16)
        key = image.info.get("transparency")
    else:
        stream.seek(0)
        pixels = _imagecodecs(path).png_decode(stream.read())
    if key is not None:
        alpha = np.where(pixels == key, 0, 0xFFFF).astype(np.uint16)
        return np.stack([pixels, pixels, pixels, alpha], axis=-1)
    if pixels.ndim == 3 and pixels.shape[2] == 2:
        return np.ascontiguousarray(pixels[..., [0, 0, 0, 1]])
    return np.asarray(pixels)


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


def _without_profile(metadata: SourceMetadata) -> SourceMetadata:
    from dataclasses import replace

    return replace(metadata, icc=None)


def file_size(stream: BinaryIO) -> int:
    """Return the bytes of an open file."""
    return os.fstat(stream.fileno()).st_size
