"""Windows of a plane as a network sees them: padded, mapped to [0, 1], without holes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as fn
from numpy.typing import NDArray

from irrm_core.engine.mapping import HEADROOM, FullRangeMapping, IntensityMapping
from irrm_core.engine.padding import Rows
from irrm_core.engine.passes import Unit

_NEIGHBOURHOOD = 5


@dataclass(frozen=True)
class HRSource:
    """A plane of the original.

    Attributes
    ----------
    pixels : ndarray
        (H, W, colours).
    mapping : IntensityMapping or FullRangeMapping
        Of the plane's channel.
    rows, columns : ndarray of int
        Those that the network is fed, padding included.
    channels : int
        Of the network; one colour is repeated to fill them.
    """

    pixels: NDArray[Any]
    mapping: IntensityMapping | FullRangeMapping
    rows: Rows
    columns: Rows
    channels: int

    def window(self, rows: slice, columns: slice) -> Unit:
        """Return a window of the padded plane, (h, w, channels)."""
        values = self.pixels[np.ix_(self.rows[rows], self.columns[columns])]
        unit = self.mapping.to_unit(values)
        if isinstance(self.mapping, IntensityMapping):
            # Exactly the pixels outside the mapping's range are stored apart.
            inside = (values >= self.mapping.low) & (values <= self.mapping.high)
            if not inside.all():
                unit = fill_holes(unit, inside)
        if unit.shape[2] < self.channels:
            unit = np.repeat(unit, self.channels, axis=2)
        return unit


def fill_holes(unit: Unit, inside: NDArray[np.bool_]) -> Unit:
    """Replace pixels by the mean of the good ones in the 5x5 pixels around them.

    A hot pixel clipped to the range would still be a bright dot, spread over its LR pixel
    and back over its neighbours. Where no pixel around is good, the low end stands.
    """
    weight = torch.from_numpy(inside).permute(2, 0, 1).float()
    known = torch.from_numpy(np.where(inside, unit, 0)).permute(2, 0, 1)

    def mean(x: torch.Tensor) -> NDArray[np.float32]:
        pooled = fn.avg_pool2d(x, _NEIGHBOURHOOD, 1, _NEIGHBOURHOOD // 2)
        return pooled.permute(1, 2, 0).numpy()

    total, count = mean(known), mean(weight)
    around = np.divide(total, count, out=np.full_like(total, HEADROOM), where=count > 1e-6)
    return np.where(inside, unit, around)


@dataclass(frozen=True)
class LRSource:
    """A plane of the LR.

    Attributes
    ----------
    pixels : ndarray
        (h, w, channels), uint8 or uint16.
    rows, columns : ndarray of int
        Those that the network is fed, padding included.
    """

    pixels: NDArray[Any]
    rows: Rows
    columns: Rows

    def window(self, rows: slice, columns: slice) -> Unit:
        """Return a window of the padded plane, (h, w, channels) in [0, 1]."""
        values = self.pixels[np.ix_(self.rows[rows], self.columns[columns])]
        unit = values.astype(np.float32)
        unit /= np.float32(np.iinfo(values.dtype).max)
        return unit


def quantised(unit: Unit, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Round [0, 1], clipped, to the codes of an unsigned integer."""
    levels = np.float32(np.iinfo(dtype).max)
    codes: NDArray[Any] = np.rint(np.clip(unit, 0, 1) * levels).astype(dtype)
    return codes
