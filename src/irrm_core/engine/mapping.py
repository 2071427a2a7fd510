"""From the numbers of an image to the [0, 1] that networks see, and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

HEADROOM = 0.02
"""Part of [0, 1] left free at either end: an LR pixel may overshoot the range of its image."""

_SPAN = 1 - 2 * HEADROOM


@dataclass(frozen=True)
class IntensityMapping:
    """A linear map of one channel's intensities [low, high] to [0.02, 0.98].

    ``u = 0.02 + 0.96·(v − low)/(high − low)``. 8-bit images need none: they are divided
    by 255.

    Attributes
    ----------
    low, high : int or float
        Range of the data, outliers apart; equal where the channel is constant.
    """

    low: float
    high: float

    def to_unit(self, values: NDArray[Any]) -> NDArray[np.float32]:
        """Map intensities of any shape to [0.02, 0.98]; what lies outside the range is clipped."""
        if self.high == self.low:
            return np.full(values.shape, 0.5, np.float32)
        # Halves cannot overflow where the range is wider than the largest float.
        half = values.astype(np.float64) * 0.5
        half -= self.low * 0.5
        half /= self.high * 0.5 - self.low * 0.5
        np.clip(half, 0, 1, out=half)
        half *= _SPAN
        half += HEADROOM
        return half.astype(np.float32)

    def from_unit(self, unit: NDArray[np.float32], dtype: np.dtype[Any]) -> NDArray[Any]:
        """Undo `to_unit`: clipped to the range; integers are rounded."""
        if self.high == self.low:
            # Exactly: the sum below may miss the last bit.
            return np.full(unit.shape, self.low, dtype)
        part = unit.astype(np.float64)
        part -= HEADROOM
        part /= _SPAN
        np.clip(part, 0, 1, out=part)
        values = (1 - part) * self.low
        part *= self.high
        values += part
        if dtype.kind in "iu":
            np.rint(values, out=values)
        return values.astype(dtype)


@dataclass(frozen=True)
class FullRangeMapping:
    """The full range of an unsigned dtype: ``u = v/255`` for uint8."""

    def to_unit(self, values: NDArray[Any]) -> NDArray[np.float32]:
        """Map 0 to the dtype's largest number to [0, 1]."""
        return values.astype(np.float32) / np.float32(np.iinfo(values.dtype).max)

    def from_unit(self, unit: NDArray[np.float32], dtype: np.dtype[Any]) -> NDArray[Any]:
        """Undo `to_unit`, rounded and clipped."""
        levels = np.float32(np.iinfo(dtype).max)
        codes: NDArray[Any] = np.rint(np.clip(unit, 0, 1) * levels).astype(dtype)
        return codes


def mapping_of(
    mappings: tuple[IntensityMapping, ...], channel: int
) -> IntensityMapping | FullRangeMapping:
    """Return the mapping of one channel; the full range where none are recorded."""
    return mappings[channel] if mappings else FullRangeMapping()
