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
        side_data = {}
    elif not side_data:
        raise PixelsChangedError(
            "the data beside the LR pixels (alpha, outliers) are missing; find the unedited file"
        )
    # Shapes and dtypes first: not every array that a file may hold can be hashed.
    if not _fit(record, layout, side_data):
        raise _do_not_fit()
    if side_data and hash_side_data(side_data) != record.side_hash:
        raise PixelsChangedError(
            "the data beside the LR pixels (alpha, outliers) are not those that were written; "
            "find the unedited file"
        )
    alpha = side_data.get("alpha")
    if "exact_gaps" not in side_data:
        return alpha, None
    gaps, values = side_data["exact_gaps"], side_data["exact_values"]
    size = layout.plane_count * math.prod(layout.plane_shape)
    positions = np.cumsum(gaps)
    outside = (gaps < 0) | (gaps >= size) | (positions < 0) | (positions >= size)
    if outside.any() or (np.diff(positions) < 0).any():
        raise _do_not_fit()
    return alpha, ExactPixels(positions, values)


def _fit(record: RestoreRecord, layout: Layout, side_data: SideData) -> bool:
    """Whether the arrays are all that the record needs, in the right shapes and dtypes."""
    kinds = {name: (array.dtype, array.shape) for name, array in side_data.items()}
    dtype = np.dtype(record.dtype)
    possible: dict[str, tuple[np.dtype[Any], tuple[int, ...]]] = {}
    if layout.has_alpha and record.alpha is None:
        possible["alpha"] = dtype, (layout.plane_count, layout.height, layout.width)
        if "alpha" not in kinds:
            return False
    if "exact_gaps" in kinds:
        count = side_data["exact_gaps"].size
        possible |= {
            "exact_gaps": (np.dtype(np.int64), (count,)),
            "exact_values": (dtype, (count,)),
        }
    return kinds == possible


def _do_not_fit() -> PixelsChangedError:
    return PixelsChangedError(
        "the data beside the LR pixels (alpha, outliers) do not fit the record; "
        "find the unedited file"
    )
