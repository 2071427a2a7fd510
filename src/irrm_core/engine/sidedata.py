"""What an LR image cannot hold and a restoration needs: alpha, and pixels kept exactly.

Side data are plain arrays by name, so that a file format can store them compressed:
``alpha`` is every plane's alpha, (planes, H, W); ``exact_gaps`` and ``exact_values`` are the
positions of outliers and of pixels that are not finite, each as its distance from the one
before, and their values.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from irrm_core.engine.layout import ArrayLike, Layout
from irrm_core.engine.record import RestoreRecord
from irrm_core.errors import PixelsChangedError

SideData = Mapping[str, NDArray[Any]]

_PART = 1 << 24


def exact_pixels(positions: NDArray[np.int64], values: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """Return side data for pixels kept exactly; nothing where there are none."""
    if not positions.size:
        return {}
    return {"exact_gaps": np.diff(positions, prepend=0), "exact_values": values}


def hash_side_data(side_data: SideData) -> str:
    """Return the SHA-256 of names, dtypes, shapes and little-endian contents."""
    digest = hashlib.sha256()
    for name in sorted(side_data):
        digest.update(f"{name}:".encode())
        digest.update(bytes.fromhex(hash_pixels(side_data[name])))
    return digest.hexdigest()


def hash_pixels(array: ArrayLike) -> str:
    """Return the SHA-256 of an array's dtype, shape and little-endian contents in C order.

    The array may be any that slices; it is read along its first axis in parts of some 32 MB.
    """
    dtype = np.dtype(array.dtype)
    shape = tuple(int(n) for n in array.shape)
    digest = hashlib.sha256(f"{dtype.name}{list(shape)}".encode())
    step = max(_PART // max(math.prod(shape[1:]), 1), 1)
    for start in range(0, shape[0], step):
        part = np.asarray(array[start : start + step])
        digest.update(np.ascontiguousarray(part, dtype.newbyteorder("<")).data)
    return digest.hexdigest()


@dataclass(frozen=True)
class ExactPixels:
    """Positions and values of the pixels that are put back as they were.

    Attributes
    ----------
    positions : ndarray of int64
        As in `Scan`.
    values : ndarray
        In the dtype of the image.
    """

    positions: NDArray[np.int64]
    values: NDArray[Any]

    def put_into(self, pixels: NDArray[Any], plane: int) -> None:
        """Put those of one plane into its (H, W, S) pixels."""
        first = plane * pixels.size
        start, stop = np.searchsorted(self.positions, (first, first + pixels.size))
        places = self.positions[start:stop] - first
        pixels[np.unravel_index(places, pixels.shape)] = self.values[start:stop]


def check_side_data(
    record: RestoreRecord, layout: Layout, side_data: SideData
) -> tuple[NDArray[Any] | None, ExactPixels | None]:
    """Return alpha (planes, H, W) and the exact pixels, if the record names them.

    Raises
    ------
    PixelsChangedError
        They are not those that the record was written for.
    """
    if record.side_hash is None:
        return None, None
    if hash_side_data(side_data) != record.side_hash:
        what = "not those that were written" if side_data else "missing"
        raise PixelsChangedError(
            f"the data beside the LR pixels (alpha, outliers) are {what}; find the unedited file"
        )
    dtype = np.dtype(record.dtype)
    alpha = side_data.get("alpha")
    gaps, values = side_data.get("exact_gaps"), side_data.get("exact_values")
    fits = alpha is None or (
        alpha.dtype == dtype and alpha.shape == (layout.plane_count, layout.height, layout.width)
    )
    if gaps is None or values is None:
        if not fits:
            raise _do_not_fit()
        return alpha, None
    size = layout.plane_count * layout.height * layout.width * layout.samples
    fits = fits and gaps.dtype == np.int64 and values.dtype == dtype
    fits = fits and gaps.ndim == 1 and gaps.shape == values.shape
    if not fits or (gaps < 0).any() or (gaps >= size).any():
        raise _do_not_fit()
    positions = np.cumsum(gaps)
    if (positions < 0).any() or (positions >= size).any() or (np.diff(positions) < 0).any():
        raise _do_not_fit()
    return alpha, ExactPixels(positions, values)


def _do_not_fit() -> PixelsChangedError:
    return PixelsChangedError(
        "the data beside the LR pixels (alpha, outliers) do not fit the record; "
        "find the unedited file"
    )
