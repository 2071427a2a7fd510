"""The range that errors are measured against."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from irrm_core.progress import Cancel, NoProgress, Progress
from napari_irrm.comparing.gaps import finite_range

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

    Pixels that are NaN or infinite do not count.

    Parameters
    ----------
    image : LayerImage
        The original.
    progress, cancel
        Told of each plane; asked before each plane.

    Raises
    ------
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
            if (found := finite_range(pixels)) is not None:
                low[plane.channel] = min(low[plane.channel], found[0])
                high[plane.channel] = max(high[plane.channel], found[1])
            progress.advance()
    finally:
        progress.end()
    return tuple(max(top - bottom, 0.0) for top, bottom in zip(high, low, strict=True))
