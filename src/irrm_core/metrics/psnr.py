"""PSNR and the luma it is published on."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from irrm_core.metrics.bands import bands, check_alike

if TYPE_CHECKING:
    from numpy.typing import NDArray


def luma(image: NDArray[np.generic]) -> NDArray[np.float64]:
    """BT.601 luma as MATLAB's ``rgb2ycbcr`` gives it, not rounded.

    ``Y = 16 + (65.481 R + 128.553 G + 24.966 B) / 255`` for R, G, B in [0, 255].

    Parameters
    ----------
    image : ndarray
        (H, W, 3) in [0, 255]; (H, W) counts as gray in all three channels.

    Returns
    -------
    ndarray
        (H, W), float64, in [16, 235].
    """
    rgb = np.asarray(image, dtype=np.float64)
    if rgb.ndim == 2:
        return 16.0 + rgb * (219.0 / 255.0)
    return 16.0 + rgb @ (np.array([65.481, 128.553, 24.966]) / 255.0)


def decibels(mse: float, peak: float) -> float:
    """Return ``10·log10(peak² / MSE)``; infinity for no error."""
    return math.inf if mse == 0 else 10.0 * math.log10(peak**2 / mse)


def psnr(
    reference: NDArray[np.generic], image: NDArray[np.generic], *, peak: float = 255.0
) -> float:
    """Peak signal-to-noise ratio in dB: ``10·log10(peak² / MSE)``.

    Parameters
    ----------
    reference, image : ndarray
        Same shape; one mean over all values, summed in float64 a few rows at a time.
    peak : float
        255 for 8-bit values; the mapping range for 16-bit data.

    Returns
    -------
    float
        In dB; infinity for equal images.

    Raises
    ------
    ValueError
        The shapes differ, or there is nothing in them.
    """
    check_alike(reference, image)
    total = 0.0
    for rows, _ in bands(reference.shape):
        difference = reference[rows].astype(np.float64) - image[rows].astype(np.float64)
        total += float(np.vdot(difference, difference))
    return decibels(total / reference.size, peak)
