"""Encode PNG, JPEG, WebP, BMP and AVIF, with metadata in the format's own fields."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import imageio.v3 as iio
import numpy as np
from PIL.PngImagePlugin import PngInfo

from irrm_core.errors import UsageError
from irrm_core.imagefile import embedded, exif, png_chunks, webp
from irrm_core.imagefile.metadata import SourceMetadata
from irrm_core.imagefile.reader import Array

_INCH = 25400.0  # in micrometres
_LIMITS = {"webp": 16383, "jpeg": 65500, "avif": 65536}
_PNG_INFLATED = 1 << 20  # Pillow opens no PNG with more in one compressed chunk
_ICC_SPACES = {b"GRAY": (1,), b"RGB ": (3, 4)}


def encode_raster(
    path: Path,
    pixels: Array,
    name: str,
    metadata: SourceMetadata,
    record: bytes | None,
    quality: int,
    lossless: bool,
) -> bytes:
    """Return the content of a file in the format `name`.

    Parameters
    ----------
    path : Path
        For messages.
    pixels : ndarray
        (H, W), (H, W, 3) or (H, W, 4); uint8, or uint16 for PNG.
    name : str
        ``"png"``, ``"jpeg"``, ``"webp"``, ``"bmp"`` or ``"avif"``.
    metadata : SourceMetadata
        Upright, of the size of `pixels`.
    record : bytes or None
        Embedded as it is.
    quality : int
        1 to 100, of JPEG, AVIF and lossy WebP.
    lossless : bool
        Of WebP, where it keeps also the colours of fully transparent pixels.

    Raises
    ------
    UsageError
        The format cannot hold these pixels, or this record.
    """
    _refuse_unfit(path, pixels, name, record)
    options = _metadata_options(pixels, name, metadata)
    if name == "png":
        return _encode_png(path, pixels, options, metadata, record)
    # Colour at full resolution from where people pay for quality.
    subsampling = "4:4:4" if quality >= 90 else "4:2:0"
    if name == "jpeg":
        options["extra"] = embedded.jpeg_record(record) if record else b""
        return _encode(pixels, name, quality=quality, subsampling=subsampling, **options)
    if name == "webp":
        data = _encode(
            pixels, name, lossless=lossless, quality=100 if lossless else quality,
            exact=lossless, method=4, **options,
        )  # fmt: skip
        if lossless and pixels.shape[2:] == (4,):
            data = webp.with_alpha(data)
        return embedded.webp_with_record(data, record) if record else data
    if name == "avif":
        if pixels.ndim == 3:
            options["subsampling"] = subsampling
        data = _encode(pixels, name, quality=quality, **options)
        return data + embedded.avif_record(record) if record else data
    return _encode(pixels, name, **options)


def _encode(pixels: Array, name: str, **options: Any) -> bytes:
    """Return a file with options as Pillow names them."""
    content: bytes = iio.imwrite(
        "<bytes>", pixels, plugin="pillow", extension=f".{name}", **options
    )
    return content


def _refuse_unfit(path: Path, pixels: Array, name: str, record: bytes | None) -> None:
    height, width, *samples = pixels.shape
    limit = _LIMITS.get(name)
    if limit and max(height, width) > limit:
        raise UsageError(
            f"{path}: {name.upper()} ends at {limit} pixels a side and this picture has"
            f" {width}x{height}; write PNG or TIFF"
        )
    if pixels.dtype != np.uint8 and not (name == "png" and pixels.dtype == np.uint16):
        raise UsageError(f"{path}: {name.upper()} cannot hold {pixels.dtype} pixels; write TIFF")
    if samples == [4] and name in ("jpeg", "bmp"):
        raise UsageError(f"{path}: {name.upper()} cannot hold transparency; write PNG or TIFF")
    if record and name == "bmp":
        raise UsageError(f"{path}: BMP cannot hold the restore record; write PNG or TIFF")


def _metadata_options(pixels: Array, name: str, metadata: SourceMetadata) -> dict[str, Any]:
    options: dict[str, Any] = {}
    samples = 1 if pixels.ndim == 2 else pixels.shape[2]
    if metadata.icc and samples in _ICC_SPACES.get(metadata.icc[16:20], ()):
        options["icc_profile"] = metadata.icc
    if metadata.exif and name != "bmp":
        options["exif"] = exif.PREFIX + metadata.exif
    if metadata.xmp and name in ("jpeg", "webp", "avif"):
        options["xmp"] = metadata.xmp
    if metadata.text.get("Comment") and name == "jpeg":
        options["comment"] = metadata.text["Comment"].encode()[:65000]
    dots = metadata.resolution or _dots(metadata)
    if dots and name in ("png", "jpeg", "bmp"):
        options["dpi"] = dots
    if name == "jpeg":
        _fit_into_segments(options)
    return options


def _dots(metadata: SourceMetadata) -> tuple[float, float] | None:
    """Return the physical pixel size as dots per inch, for formats that know no other."""
    size = metadata.pixel_size.micrometres() if metadata.pixel_size else None
    return None if size is None else (_INCH / size[1], _INCH / size[0])


def _fit_into_segments(options: dict[str, Any]) -> None:
    """Leave out what a JPEG has no room for, and resolutions beyond its 16 bits."""
    for key in ("exif", "xmp"):
        if len(options.get(key, b"")) > 65000:
            del options[key]
    if max(options.get("dpi", (0,))) > 0xFFFF:
        del options["dpi"]


def _encode_png(
    path: Path,
    pixels: Array,
    options: dict[str, Any],
    metadata: SourceMetadata,
    record: bytes | None,
) -> bytes:
    if len(options.get("icc_profile", b"")) > _PNG_INFLATED:
        raise UsageError(
            f"{path}: its colour profile takes more than the 1 MB that readers of PNG accept;"
            " write TIFF or WebP"
        )
    texts = PngInfo()
    for keyword, text in metadata.text.items():
        texts.add_itxt(keyword[:79], text, zip=1000 < len(text.encode()) <= _PNG_INFLATED)
    if metadata.xmp:
        texts.add_itxt(png_chunks.XMP_KEYWORD, metadata.xmp.decode("utf-8", "replace"))
    if max(options.get("dpi", (0,))) > 1e8:  # beyond the 32 bits of dots per metre
        del options["dpi"]
    options["pnginfo"] = texts

    if pixels.dtype == np.uint16 and pixels.ndim == 3:
        # Pillow has no 16-bit colour: it writes the metadata with a picture of one pixel, and
        # imagecodecs the picture.
        pixel = np.zeros((1, 1, 3) if pixels.shape[2] > 2 else (1, 1), np.uint8)
        content = io.BytesIO(_encode(pixel, "png", **options))
        extra = b"".join(
            png_chunks.encode(chunk.kind, png_chunks.data(content, chunk))
            for chunk in png_chunks.walk(content)
            if chunk.kind not in (b"IHDR", b"IDAT", b"IEND")
        )
        png = png_chunks.splice(_encode_deep_png(path, pixels), extra)
    else:
        png = _encode(pixels, "png", optimize=True, **options)
    return png_chunks.splice(png, embedded.png_record(record)) if record else png


def _encode_deep_png(path: Path, pixels: Array) -> bytes:
    try:
        import imagecodecs
    except ImportError as why:
        raise UsageError(
            f"{path}: 16-bit colour PNG takes imagecodecs; write TIFF, or install it with:"
            " pip install 'napari-irrm[codecs]'"
        ) from why
    return bytes(imagecodecs.png_encode(np.ascontiguousarray(pixels), level=9))
