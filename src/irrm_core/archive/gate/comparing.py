"""Compare a restoration with its original, plane by plane as the planes come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from irrm_core.archive.gate.report import MOST, ChannelQuality, rounded
from irrm_core.engine import Layout
from irrm_core.metrics import ssim
from irrm_core.metrics.bands import bands
from irrm_core.metrics.psnr import decibels
from irrm_core.metrics.ssim import WINDOW

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from irrm_core.engine import RestoreRecord
    from irrm_core.engine.layout import ArrayLike


class Comparison:
    """Takes restored planes in place of an array, and keeps only how far off they are.

    `Rescaler.measure` and `Rescaler.restore` assign planes to it as to an array, so that of a
    long stack no more than a plane is in memory.

    Parameters
    ----------
    original : array
        Sliced plane by plane.
    record : RestoreRecord
        Of its LR: axes, shape and the range of each channel.
    """

    def __init__(self, original: ArrayLike, record: RestoreRecord) -> None:
        self.shape = record.hr_shape
        self.dtype = np.dtype(record.dtype)
        #: How many planes have come.
        self.planes = 0
        #: In how many of these the transparency differs, which is kept exactly.
        self.alpha_differs = 0
        self._original = original
        self._layout = Layout(record.axes, record.hr_shape)
        self._ranges = [(m.low, m.high) for m in record.mappings] or [(0, 255)]
        self._worst: dict[int, ChannelQuality] = {}

    def __setitem__(self, index: Any, pixels: NDArray[Any]) -> None:
        layout = self._layout
        restored = np.asarray(pixels).reshape(layout.plane_shape)
        truth = np.asarray(self._original[index]).reshape(layout.plane_shape)
        place = index[layout.axes.index("C")] if "C" in layout.axes else 0
        low, high = self._ranges[min(place, len(self._ranges) - 1)]
        for sample in range(layout.colours):
            found = compare_plane(truth[..., sample], restored[..., sample], low, high)
            channel = place * layout.colours + sample
            before = self._worst.get(channel)
            self._worst[channel] = found if before is None else _worse(before, found)
        if layout.has_alpha and not np.array_equal(truth[..., -1], restored[..., -1]):
            self.alpha_differs += 1
        self.planes += 1

    @property
    def complete(self) -> bool:
        """Whether all planes have come."""
        return self.planes == self._layout.plane_count

    def channels(self) -> tuple[ChannelQuality, ...]:
        """Return the worst of each channel so far."""
        return tuple(self._worst[channel] for channel in sorted(self._worst))


def compare_plane(
    truth: NDArray[Any], restored: NDArray[Any], low: float, high: float
) -> ChannelQuality:
    """Measure one channel of one plane, (H, W).

    A NaN or infinity of the original counts as no error where the restoration has the same, and
    as an infinite one elsewhere.

    Parameters
    ----------
    truth, restored : ndarray
        Of the same shape.
    low, high : float
        The range that intensities were mapped from, whose width is the peak.
    """
    with np.errstate(all="ignore"):
        peak = float(high) - float(low)
        total = squares = largest = 0.0
        for rows, _ in bands(truth.shape):
            error = _difference(truth[rows], restored[rows])
            total += float(error.sum())
            squares += float(np.vdot(error, error))
            largest = float(np.maximum(largest, np.abs(error, out=error).max()))
        if not squares and not largest:
            similar = 1.0 if min(truth.shape) >= WINDOW else None
            return ChannelQuality(MOST, similar, 0.0, 0.0)
        if not peak:
            # A constant channel has no range to measure errors in, and comes back exactly.
            return ChannelQuality(-MOST, 0.0 if min(truth.shape) >= WINDOW else None, MOST, MOST)
        return ChannelQuality(
            psnr=rounded(_psnr(squares / truth.size, peak), 3),
            ssim=_similarity(truth, restored, low, high),
            max_error=_or_most(largest / peak),
            bias=_or_most(total / truth.size / peak),
        )


def _psnr(mse: float, peak: float) -> float:
    return decibels(mse, peak) if np.isfinite(mse) else -np.inf


def _difference(truth: NDArray[Any], restored: NDArray[Any]) -> NDArray[np.float64]:
    error = restored.astype(np.float64) - truth.astype(np.float64)
    if truth.dtype.kind == "f":
        same = (truth == restored) | (np.isnan(truth) & np.isnan(restored))
        error[same] = 0
        error[~np.isfinite(error)] = np.inf
    return error


def _similarity(
    truth: NDArray[Any], restored: NDArray[Any], low: float, high: float
) -> float | None:
    """SSIM within the range: what lies outside is kept exactly, and would drown the rest."""
    if min(truth.shape) < WINDOW:
        return None
    if truth.dtype != np.uint8:
        truth, restored = (
            np.nan_to_num(values, nan=low, posinf=high, neginf=low).clip(low, high)
            for values in (truth, restored)
        )
    return rounded(ssim(truth, restored, peak=float(high) - float(low)), 5)


def _or_most(value: float) -> float:
    return rounded(value, 6) if np.isfinite(value) else MOST


def _worse(one: ChannelQuality, other: ChannelQuality) -> ChannelQuality:
    similar = [q.ssim for q in (one, other) if q.ssim is not None]
    return ChannelQuality(
        psnr=min(one.psnr, other.psnr),
        ssim=min(similar) if similar else None,
        max_error=max(one.max_error, other.max_error),
        bias=max(one.bias, other.bias, key=abs),
    )
