"""Pixels that are no numbers: gaps, which a restoration has where its original has them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def filled_alike(
    original: NDArray[Any], restored: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return a plane of both, where gaps that they share are filled with one number.

    What is NaN or infinite in the original and came back as the same differs by nothing. Other
    gaps stay.
    """
    if original.dtype.kind != "f":
        return original, restored
    finite = np.isfinite(original)
    if finite.all():
        return original, restored
    came_back = (original == restored) | (np.isnan(original) & np.isnan(restored))
    shared = came_back & ~finite
    number = original[finite].min() if finite.any() else 0
    filled = restored.dtype.type(number)
    return np.where(shared, number, original), np.where(shared, filled, restored)


def finite_range(pixels: NDArray[Any]) -> tuple[float, float] | None:
    """Return the smallest and the largest number; None where there are only gaps."""
    numbers = pixels
    if pixels.dtype.kind == "f" and not (finite := np.isfinite(pixels)).all():
        numbers = pixels[finite]
    return (float(numbers.min()), float(numbers.max())) if numbers.size else None
