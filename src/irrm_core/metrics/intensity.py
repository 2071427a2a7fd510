"""How far restored intensities are from the measured ones, in the units of the data."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from irrm_core.errors import ImageDataError
from irrm_core.metrics.bands import bands, check_alike
from irrm_core.metrics.psnr import decibels

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BINS = 1 << 20
"""Whole-number errors up to here have a bin each."""


@dataclass(frozen=True)
class IntensityReport:
    """Agreement of one channel's restored intensities with the original's.

    Attributes
    ----------
    psnr : float
        In dB, against `peak`.
    bias : float
        Mean of restored minus original, in the units of the data.
    error_p999 : float
        99.9th percentile of the absolute error, in the units of the data: the smallest
        error that 99.9 % of the pixels do not exceed. Exact for integers; for other data
        never understated and overstated by less than a millionth of `peak`.
    error_max : float
        Largest absolute error, in the units of the data.
    peak : float
        The range that the intensities were mapped from.
    pixels : int
        How many were compared.
    """

    psnr: float
    bias: float
    error_p999: float
    error_max: float
    peak: float
    pixels: int


class IntensityComparison:
    """Compares a channel plane by plane; holds sums and a histogram, never the planes.

    Parameters
    ----------
    peak : float
        The range that the channel's intensities were mapped from, in its own units; of a
        constant channel, which has none, 0 will do.
    integer : bool
        Whether all values are whole numbers, so that percentiles can be exact.

    Raises
    ------
    ValueError
        `peak` is negative or not finite.
    """

    def __init__(self, peak: float, *, integer: bool) -> None:
        if not (math.isfinite(peak) and peak >= 0):
            raise ImageDataError(f"a peak of {peak} cannot measure errors; give the data's range")
        self.peak = float(peak)
        self._width = 1.0 if integer and peak < _BINS else (peak or 1.0) / _BINS
        # Bin k counts errors in ((k - 1)·width, k·width]; the last one all that are larger.
        self._counts = np.zeros(_BINS + 1, dtype=np.int64)
        self._pixels = 0
        self._sum = 0.0
        self._squares = 0.0
        self._largest = 0.0

    def add(self, reference: NDArray[np.generic], image: NDArray[np.generic]) -> None:
        """Take in one more plane, or any other part.

        Parameters
        ----------
        reference, image : ndarray
            Original and restored values: same shape, finite.

        Raises
        ------
        ImageDataError
            The shapes differ, there is nothing in them, or a value is not finite.
        """
        check_alike(reference, image)
        for rows, _ in bands(reference.shape):
            error = image[rows].astype(np.float64) - reference[rows].astype(np.float64)
            total = float(error.sum())
            if not math.isfinite(total):
                raise ImageDataError(
                    "intensities that are not finite cannot be compared; compare after filling them"
                )
            self._sum += total
            self._squares += float(np.vdot(error, error))
            absolute = np.abs(error, out=error)
            self._largest = max(self._largest, float(absolute.max()))
            bins = np.minimum(np.ceil(absolute / self._width), _BINS).astype(np.intp)
            counts = np.bincount(bins.ravel())
            self._counts[: counts.size] += counts
        self._pixels += reference.size

    def report(self) -> IntensityReport:
        """Say how the parts taken in so far agree.

        Raises
        ------
        ImageDataError
            There were none.
        """
        if self._pixels == 0:
            raise ImageDataError("no intensities were compared; add at least one plane")
        mse = self._squares / self._pixels
        return IntensityReport(
            psnr=decibels(mse, self.peak) if self.peak or mse == 0 else -math.inf,
            bias=self._sum / self._pixels,
            error_p999=self._percentile(99.9),
            error_max=self._largest,
            peak=self.peak,
            pixels=self._pixels,
        )

    def _percentile(self, percent: float) -> float:
        """Nearest rank, as the upper edge of its bin."""
        rank = math.ceil(round(self._pixels * percent / 100, 6))
        bin_ = int(np.searchsorted(np.cumsum(self._counts), rank))
        return self._largest if bin_ == _BINS else min(bin_ * self._width, self._largest)


def compare_intensities(
    reference: NDArray[np.generic], image: NDArray[np.generic], *, peak: float
) -> IntensityReport:
    """Compare a whole channel at once; see `IntensityComparison`.

    Parameters
    ----------
    reference, image : ndarray
        Original and restored intensities, any shape of one or more axes, any real dtype.
    peak : float
        The range that the intensities were mapped from.
    """
    integer = all(np.issubdtype(a.dtype, np.integer) for a in (reference, image))
    comparison = IntensityComparison(peak, integer=integer)
    comparison.add(reference, image)
    return comparison.report()
