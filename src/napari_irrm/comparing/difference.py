"""Restored minus original, signed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_DTYPES = {
    "uint8": "int16",
    "int8": "int16",
    "uint16": "int32",
    "int16": "int32",
    "float16": "float32",
    "float32": "float32",
}
_BAND = 1 << 18
"""Values that are subtracted at a time."""


def difference_dtype(dtype: Any) -> np.dtype[Any]:
    """Return a dtype that holds every difference of two values of `dtype`.

    Integers of 8 and 16 bits differ by integers of twice the size, those of 32 bits by
    float64, which holds them exactly.
    """
    return np.dtype(_DTYPES.get(np.dtype(dtype).name, "float64"))


def subtract(restored: NDArray[Any], original: NDArray[Any], out: NDArray[Any]) -> None:
    """Write the difference of two planes, a few rows at a time.

    Of colours the one that changed most speaks for the pixel: the difference is one signed
    value, for which there are colormaps.

    Parameters
    ----------
    restored, original : ndarray
        (H, W, colours) of one dtype.
    out : ndarray
        (H, W) of the `difference_dtype`.
    """
    rows = max(1, _BAND // max(1, original[0].size))
    for top in range(0, out.shape[0], rows):
        band = slice(top, top + rows)
        if original.shape[-1] == 1:
            np.subtract(restored[band, :, 0], original[band, :, 0], out=out[band], dtype=out.dtype)
        else:
            signed = np.subtract(restored[band], original[band], dtype=out.dtype)
            strongest = np.abs(signed).argmax(axis=-1)[..., None]
            out[band] = np.take_along_axis(signed, strongest, axis=-1)[..., 0]


def halve_by_strongest(larger: NDArray[Any], smaller: NDArray[Any]) -> None:
    """Write the strongest difference of every 2 x 2 pixels, (H, W, S) to half of that.

    Means would hide what was lost: differences to both sides cancel.
    """
    rows = max(1, _BAND // larger.shape[1])
    for top in range(0, smaller.shape[0], rows):
        part = larger[2 * top : 2 * (top + rows)]
        smaller[top : top + rows] = _strongest(_strongest(part).swapaxes(0, 1)).swapaxes(0, 1)


def _strongest(pixels: NDArray[Any]) -> NDArray[Any]:
    """Return of each two rows what differs most; a last one without neighbour as it is."""
    one, other = pixels[::2], pixels[1::2]
    both = one[: len(other)]
    strongest = np.where(np.abs(other) > np.abs(both), other, both)
    return strongest if len(one) == len(other) else np.concatenate([strongest, one[-1:]])
