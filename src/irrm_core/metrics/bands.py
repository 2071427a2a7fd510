"""Big images are measured a few rows at a time, so that no float64 copy of one is needed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from irrm_core.errors import ImageDataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

_VALUES = 1 << 17
"""Values in one band: 1 MB in float64, which stays in a processor's cache."""


def bands(shape: Sequence[int], overlap: int = 0) -> Iterator[tuple[slice, slice]]:
    """Cut the first axis into bands.

    Parameters
    ----------
    shape : sequence of int
        Of the array to cut.
    overlap : int
        Rows that a band shares with the next: a window of ``overlap + 1`` rows then lies
        in exactly one band wherever it lies in the array.

    Yields
    ------
    seen, own : slice
        The band's rows with the shared ones, and those of it that no later band has: the
        own rows of all bands are all rows, each once.
    """
    height = shape[0]
    step = max(16, _VALUES // max(1, math.prod(shape[1:])))
    start = 0
    while start < height:
        stop = start + step
        if stop + overlap >= height:
            stop = height
        yield slice(start, min(stop + overlap, height)), slice(start, stop)
        start = stop


def check_alike(reference: NDArray[np.generic], image: NDArray[np.generic]) -> None:
    """Raise `ImageDataError` unless two arrays have one shape and something in them."""
    if reference.shape != image.shape:
        raise ImageDataError(
            f"cannot compare shapes {reference.shape} and {image.shape}; "
            "measure a restoration against the original that it was made from"
        )
    if reference.size == 0:
        raise ImageDataError(f"cannot compare empty images of shape {reference.shape}")
