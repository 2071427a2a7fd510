"""Padding to the sizes that a network takes, as row and column numbers; nothing is copied."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.intp]


def mirror(size: int, padded: int) -> Rows:
    """Numbers of `padded` rows that continue `size` rows by mirroring them at their last edge.

    The edge row is repeated (``… 1 2 | 2 1 …``), so the mean of any block of mirrored rows is
    the mean of a block of real ones, and a single row is continued by itself.
    """
    position = np.arange(padded) % (2 * size)
    return np.where(position < size, position, 2 * size - 1 - position)


@dataclass(frozen=True)
class Padding:
    """How one side of an HR image is padded at its end.

    The network may need more than whole LR pixels: one that goes a Haar level deeper takes
    multiples of twice the scale. The LR image keeps ``ceil(size / scale)`` pixels all the
    same. HR is mirrored first at its own end, up to whole LR pixels, then from there once
    more; in a mirrored LR image the cut pixels are then repeated to first order. Measured at
    x2 on Set5, cut to an odd size, that costs 0.02 dB; padding in one mirroring costs
    0.05 to 0.3 dB.

    Attributes
    ----------
    size : int
        Of the HR image.
    scale : int
        HR pixels to an LR pixel.
    multiple : int
        What the network needs, a multiple of the scale.
    """

    size: int
    scale: int
    multiple: int

    @property
    def lr_size(self) -> int:
        """Of the LR image: the size divided by the scale and rounded up."""
        return -(-self.size // self.scale)

    @property
    def padded_lr_size(self) -> int:
        """Of the LR that the network gives and takes."""
        return -(-self.size // self.multiple) * (self.multiple // self.scale)

    def hr_rows(self) -> Rows:
        """Rows of the HR image that the network is fed."""
        whole = self.lr_size * self.scale
        padded = self.padded_lr_size * self.scale
        return mirror(self.size, whole)[mirror(whole, padded)]

    def lr_rows(self) -> Rows:
        """Rows of the LR image that the network is fed."""
        return mirror(self.lr_size, self.padded_lr_size)
