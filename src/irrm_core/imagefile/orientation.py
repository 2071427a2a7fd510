"""Turn pictures upright, once.

EXIF numbers the eight ways in which a camera can be held; XMP may repeat the number, and where
both speak EXIF wins, as in Pillow.
"""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from irrm_core.imagefile import exif
from irrm_core.imagefile.metadata import SourceMetadata

logger = logging.getLogger(__name__)

_XMP_ORIENTATION = re.compile(rb"(tiff:Orientation(?:=[\"']|>)\s*)([1-8])")
_XMP_THUMBNAILS = re.compile(rb"<xmp:Thumbnails\b.*?</xmp:Thumbnails>", re.DOTALL)


def orientation_of(metadata: SourceMetadata) -> int:
    """Return how the pixels must be turned, as an EXIF number; 1 is not at all."""
    stated = exif.orientation(metadata.exif) if metadata.exif else None
    if stated is None and metadata.xmp and (found := _XMP_ORIENTATION.search(metadata.xmp)):
        stated = int(found[2])
    return stated or 1


def turned_shape(shape: tuple[int, ...], orientation: int) -> tuple[int, ...]:
    """Return the shape (H, W, ...) that pixels have after `turn`."""
    return (shape[1], shape[0], *shape[2:]) if orientation >= 5 else shape


def turn(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Return pixels of shape (H, W, ...) as they are meant to be looked at.

    Orientation 5 is the transpose, 2 to 4 are flips, 6 to 8 a transpose and flips.
    """
    if orientation >= 5:
        pixels = np.swapaxes(pixels, 0, 1)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return pixels


def upright(metadata: SourceMetadata, height: int, width: int) -> SourceMetadata:
    """Return metadata for the pixels after `turn`: orientation 1, true size, no thumbnail.

    Parameters
    ----------
    metadata : SourceMetadata
        Of the file.
    height, width : int
        Of the picture after it was turned, or as it will be written.
    """
    block = metadata.exif
    if block is not None:
        block = exif.upright(block, height, width)
        if block is None:
            logger.warning("an EXIF block is damaged and is not carried on")
    xmp = metadata.xmp
    if xmp is not None:
        xmp = _XMP_THUMBNAILS.sub(b"", _XMP_ORIENTATION.sub(rb"\g<1>1", xmp))
    return replace(metadata, exif=block, xmp=xmp)
