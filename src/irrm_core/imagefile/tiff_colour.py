"""What the numbers in a TIFF page mean, and how they become gray, RGB or RGBA.

tifffile returns samples as they are stored; the photometric interpretation, the palette and
the kind of alpha are left to its caller.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np

from irrm_core.imagefile.reader import Array

_JPEG_FAMILY = {6, 7, 33007, 34892}
_ASSOCIATED, _UNASSOCIATED = 1, 2


@dataclass(frozen=True)
class TiffColour:
    """How the samples of one page are turned into pixels.

    Attributes
    ----------
    samples : int
        Colour samples of the result: 1, 3 or 4.
    channels : int
        Of a page whose samples are no colours: they become an axis C. Otherwise 1.
    dtype : dtype
        Of the result.
    """

    page: Any
    samples: int
    channels: int
    dtype: np.dtype[Any]
    palette: Array | None = None

    def convert(self, stored: Array) -> Array:
        """Return pixels (H, W), (H, W, 3 or 4), or (H, W, channels) of stored samples (H, W, N).

        Parameters
        ----------
        stored : ndarray
            (H, W) or (H, W, N), as tifffile returns them, samples last.
        """
        photometric = _name(self.page.photometric)
        if photometric == "SEPARATED":
            return _cmyk_to_srgb(stored, self.page.tags[34675].value)
        if self.palette is not None:
            return self.palette[stored]
        if stored.dtype == bool:
            stored = stored.astype(np.uint8) * np.uint8(255)
        elif stored.dtype == np.uint8 and self.page.bitspersample < 8:
            stored = stored * np.uint8(255 // ((1 << self.page.bitspersample) - 1))
        elif stored.dtype != self.dtype:
            stored = stored.astype(self.dtype)
        if photometric == "MINISWHITE":
            stored = _inverted(stored, self.page.bitspersample)
        if self.samples == 4 and _extras(self.page)[:1] == (_ASSOCIATED,):
            stored = _unassociated(stored)
        if self.samples == 4 and stored.shape[2] == 2:
            stored = stored[..., [0, 0, 0, 1]]
        return stored


def colour_of(page: Any, is_imagej: bool) -> TiffColour:
    """Return how the samples of `page` are turned into pixels.

    Raises
    ------
    ValueError
        They have no meaning that can be kept; says why.
    """
    if page.dtype is None:
        raise ValueError(f"samples of {page.bitspersample} bits in format {page.sampleformat}")
    photometric = _name(page.photometric)
    dtype = np.dtype(page.dtype).newbyteorder("=")
    if dtype.kind not in "buif":
        raise ValueError(f"pixels of type {dtype}")
    dtype = np.dtype({"bool": "uint8", "float16": "float32"}.get(dtype.name, dtype.name))
    count, extras = page.samplesperpixel, _extras(page)

    if photometric == "PALETTE" and not is_imagej:
        palette = _palette(page)
        return TiffColour(page, 3, 1, palette.dtype, palette)
    if photometric in ("MINISBLACK", "MINISWHITE", "PALETTE"):
        if count == 2 and extras[:1] in ((_ASSOCIATED,), (_UNASSOCIATED,)):
            return TiffColour(page, 4, 1, dtype)
        return TiffColour(page, 1, count, dtype)
    if photometric == "YCBCR" and int(page.compression) not in _JPEG_FAMILY:
        raise ValueError("YCbCr colours that are not in JPEG; convert it to RGB")
    if photometric in ("RGB", "YCBCR"):
        colours = count in (3, 4)
        return TiffColour(page, count if colours else 1, 1 if colours else count, dtype)
    if photometric == "SEPARATED" and count == 4 and dtype == np.uint8 and 34675 in page.tags:
        return TiffColour(page, 3, 1, dtype)
    raise ValueError(
        f"colours of kind {photometric} with {count} samples of {dtype}"
        f"{'' if 34675 in page.tags else ' and no colour profile'}; convert it to RGB"
    )


def _name(photometric: Any) -> str:
    return str(getattr(photometric, "name", photometric))


def _extras(page: Any) -> tuple[int, ...]:
    return tuple(int(extra) for extra in page.extrasamples or ())


def _palette(page: Any) -> Array:
    """Return the palette as (N, 3); with 8 bits where these hold it, as in most files."""
    palette = np.ascontiguousarray(np.asarray(page.colormap).T, np.uint16)
    if page.colormap is None or palette.ndim != 2 or len(palette) < 1 << page.bitspersample:
        raise ValueError("a palette that is missing or too short")
    high, low = palette >> 8, palette & 0xFF
    if palette.max() < 256:  # some writers forget to scale
        return palette.astype(np.uint8)
    if (high == low).all() or not low.any():
        return high.astype(np.uint8)
    return palette


def _inverted(stored: Array, bits: int) -> Array:
    if stored.dtype.kind != "u":
        raise ValueError("pixels whose white is 0, in a signed or float type")
    top = 255 if bits < 8 else (1 << bits) - 1
    return np.asarray(stored.dtype.type(top) - stored)


def _unassociated(stored: Array) -> Array:
    """Undo the multiplication of colours with alpha, as the other formats keep them."""
    if stored.dtype.kind not in "uf":
        raise ValueError("colours multiplied with alpha, in a signed type")
    colour, alpha = stored[..., :-1].astype(np.float64), stored[..., -1:].astype(np.float64)
    top = 1.0 if stored.dtype.kind == "f" else float(np.iinfo(stored.dtype).max)
    pure = np.divide(colour * top, alpha, out=np.zeros_like(colour), where=alpha > 0)
    if stored.dtype.kind == "u":
        pure = np.minimum(np.rint(pure), top)
    return np.concatenate([pure.astype(stored.dtype), stored[..., -1:]], axis=-1)


def _cmyk_to_srgb(stored: Array, profile: bytes) -> Array:
    from PIL import Image, ImageCms

    converted = ImageCms.profileToProfile(
        Image.fromarray(np.ascontiguousarray(stored), "CMYK"),
        ImageCms.ImageCmsProfile(io.BytesIO(profile)),
        ImageCms.createProfile("sRGB"),
        outputMode="RGB",
    )
    return np.asarray(converted)
