"""Alpha: not for a network. Block means in the LR; the plane itself is kept."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from irrm_core.engine.layout import ArrayLike, Layout
from irrm_core.engine.padding import Padding

_BAND = 1 << 20


def read_alpha(image: ArrayLike, layout: Layout) -> NDArray[Any]:
    """Return the alpha of all planes, (planes, H, W)."""
    dtype = np.dtype(image.dtype).newbyteorder("=")
    alpha = np.empty((layout.plane_count, layout.height, layout.width), dtype)
    for plane in layout.planes():
        alpha[plane.number] = layout.read(image, plane)[..., -1]
    return alpha


def constant(alpha: NDArray[Any]) -> float | None:
    """Return the value of a constant, finite alpha; None for any other."""
    first = alpha.flat[0]
    return first.item() if np.isfinite(first) and (alpha == first).all() else None


def block_means(
    alpha: NDArray[Any], rows: Padding, columns: Padding, lr_dtype: np.dtype[Any]
) -> NDArray[Any]:
    """Return the mean alpha of each LR pixel, as the LR's dtype holds it.

    Integers are scaled by their range, floats taken as 0 to 1; this is for looking at.
    """
    scale = rows.scale
    means = np.empty((rows.lr_size, columns.lr_size), lr_dtype)
    low, high = (
        (0.0, 1.0)
        if alpha.dtype.kind == "f"
        else (float(np.iinfo(alpha.dtype).min), float(np.iinfo(alpha.dtype).max))
    )
    y = rows.hr_rows()[: rows.lr_size * scale]
    x = columns.hr_rows()[: columns.lr_size * scale]
    band = max(_BAND // (x.size * scale), 1)
    for start in range(0, rows.lr_size, band):
        window = alpha[np.ix_(y[start * scale : (start + band) * scale], x)].astype(np.float64)
        mean = window.reshape(-1, scale, columns.lr_size, scale).mean(axis=(1, 3))
        part = np.clip(np.nan_to_num((mean - low) / (high - low)), 0, 1)
        means[start : start + band] = np.rint(part * np.iinfo(lr_dtype).max)
    return means
