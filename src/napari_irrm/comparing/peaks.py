"""The range that errors are measured against."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from irrm_core.errors import ImageDataError
from irrm_core.progress import Cancel, NoProgress, Progress

if TYPE_CHECKING:
    from irrm_core.engine import RestoreRecord
    from napari_irrm.layers import LayerImage


def known_peaks(image: LayerImage, record: RestoreRecord | None) -> tuple[float, ...] | None:
    """Return the peak of each index of the C axis as far as nothing must be measured.

    Parameters
    ----------
    image : LayerImage
        The original.
    record : RestoreRecord, optional
        Of the restoration.

    Returns
    -------
    tuple of float or None
        255 for uint8, else the range that the record maps from, for each channel. None where
        there is no record, or one that was assumed: see `measured_peaks`.
    """
    layout = image.layout
    if np.dtype(image.dtype) == np.uint8:
        return (255.0,) * layout.channels
    if record is None or len(record.mappings) != layout.channels:
        return None
    return tuple(float(mapping.high) - float(mapping.low) for mapping in record.mappings)


def measured_peaks(
    image: LayerImage, progress: Progress | None = None, cancel: Cancel | None = None
) -> tuple[float, ...]:
    """Return the range of each index of the C axis, reading the planes one by one.

    Parameters
    ----------
    image : LayerImage
        The original.
    progress, cancel
        Told of each plane; asked before each plane.

    Raises
    ------
    ImageDataError
        A pixel is NaN or infinite.
    Cancelled
        `cancel` was flipped.
    """
    progress, cancel = progress or NoProgress(), cancel or Cancel()
    layout = image.layout
    low, high = [np.inf] * layout.channels, [-np.inf] * layout.channels
    progress.begin("range", layout.plane_count)
    try:
        for plane in layout.planes():
            cancel.check()
            pixels = layout.read(image.data, plane)[..., : layout.colours]
            least, most = float(pixels.min()), float(pixels.max())
            if not np.isfinite(most - least):
                raise ImageDataError(
                    f"layer {image.name!r}: plane {plane.number} has pixels that are NaN or "
                    "infinite, which cannot be compared; fill them first"
                )
            low[plane.channel] = min(low[plane.channel], least)
            high[plane.channel] = max(high[plane.channel], most)
            progress.advance()
    finally:
        progress.end()
    return tuple(top - bottom for top, bottom in zip(high, low, strict=True))
