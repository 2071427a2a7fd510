"""The baseline: bicubic down to LR pixels of the same bits and mapping, and bicubic up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from irrm_core.engine.mapping import HEADROOM
from irrm_core.metrics import bicubic, round8

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from irrm_core.engine import RestoreRecord
    from irrm_core.engine.layout import Layout


class Bicubic:
    """Does to a plane what a model would, with interpolation alone.

    Pixels outside the mapped range come back exactly, as a model's record restores them.

    Parameters
    ----------
    record : RestoreRecord
        Of the same image downscaled by a model: its scale and intensity mappings.
    layout : Layout
        Of the image.
    """

    def __init__(self, record: RestoreRecord, layout: Layout) -> None:
        self._record = record
        self._size = layout.height, layout.width
        self._lr_size = layout.height // record.scale, layout.width // record.scale

    @property
    def lr_peak(self) -> float:
        """Codes of the LR that the mapped range takes up."""
        return 65535 * (1 - 2 * HEADROOM) if self._record.mappings else 255.0

    def peak(self, channel: int) -> float:
        """Return the mapped range of a channel in the units of the data."""
        if not self._record.mappings:
            return 255.0
        mapping = self._record.mappings[channel]
        return float(mapping.high) - float(mapping.low)

    def roundtrip(
        self, plane: NDArray[Any], channel: int
    ) -> tuple[NDArray[np.generic], NDArray[np.generic]]:
        """Return the LR codes and the restored intensities of one plane.

        Parameters
        ----------
        plane : ndarray
            (H, W, S).
        channel : int
            Of its mapping.

        Returns
        -------
        lr : ndarray
            (H/s, W/s, S), uint8 or uint16.
        restored : ndarray
            Shape and dtype of `plane`.
        """
        if not self._record.mappings:
            lr = round8(bicubic(plane, *self._lr_size))
            return lr, round8(bicubic(lr, *self._size))
        mapping = self._record.mappings[channel]
        unit = bicubic(mapping.to_unit(plane), *self._lr_size)
        codes = np.clip(np.rint(unit * 65535), 0, 65535).astype(np.uint16)
        wide = bicubic(codes, *self._size) / 65535
        restored = mapping.from_unit(wide.astype(np.float32), plane.dtype)
        outside = (plane < mapping.low) | (plane > mapping.high)
        restored[outside] = plane[outside]
        return codes, restored
