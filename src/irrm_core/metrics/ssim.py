"""SSIM with the window and constants of the paper that introduced it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from irrm_core.errors import ImageDataError
from irrm_core.metrics.bands import bands, check_alike

if TYPE_CHECKING:
    from numpy.typing import NDArray

WINDOW = 11
"""Pixels along a side of the Gaussian window; smaller images have no SSIM."""

_K1, _K2 = 0.01, 0.03
_OFFSETS = np.arange(WINDOW) - WINDOW // 2
_GAUSSIAN = np.exp(-(_OFFSETS**2) / (2 * 1.5**2))
_GAUSSIAN /= _GAUSSIAN.sum()


def ssim(
    reference: NDArray[np.generic], image: NDArray[np.generic], *, peak: float = 255.0
) -> float:
    """Mean structural similarity (Wang et al., 2004).

    ``(2 μx μy + C1)(2 σxy + C2) / ((μx² + μy² + C1)(σx² + σy² + C2))`` with
    ``C1 = (0.01·peak)²``, ``C2 = (0.03·peak)²`` and moments under an 11x11 Gaussian of
    σ = 1.5, averaged over the places where the whole window lies in the image. In float64.

    Parameters
    ----------
    reference, image : ndarray
        Same shape, (H, W) or (H, W, C), sides of at least 11 pixels; the mean is over
        channels too.
    peak : float
        Range of the values: 255 for 8 bits.

    Returns
    -------
    float
        In [-1, 1]; 1 for equal images.

    Raises
    ------
    ImageDataError
        The shapes differ, or an image is smaller than the window.
    """
    check_alike(reference, image)
    if min(reference.shape[:2]) < WINDOW:
        raise ImageDataError(
            f"SSIM needs {WINDOW} pixels along each side, not {reference.shape[:2]}; "
            "measure PSNR instead"
        )
    total, count = 0.0, 0
    for rows, _ in bands(reference.shape, overlap=WINDOW - 1):
        values = ssim_map(reference[rows], image[rows], peak=peak)
        total += float(values.sum())
        count += values.size
    return total / count


def ssim_map(
    reference: NDArray[np.generic], image: NDArray[np.generic], *, peak: float = 255.0
) -> NDArray[np.float64]:
    """Structural similarity at every place where the window fits; see `ssim`.

    Parameters
    ----------
    reference, image : ndarray
        (H, W) or (H, W, C).
    peak : float
        Range of the values.

    Returns
    -------
    ndarray
        float64, (H-10, W-10) or (H-10, W-10, C).
    """
    x = np.asarray(reference, dtype=np.float64)
    y = np.asarray(image, dtype=np.float64)
    c1, c2 = (_K1 * peak) ** 2, (_K2 * peak) ** 2
    mean_x, mean_y = _blur(x), _blur(y)
    both, squares = mean_x * mean_y, mean_x**2 + mean_y**2
    covariance = _blur(x * y) - both
    variances = _blur(x**2 + y**2) - squares
    similar = (2 * both + c1) * (2 * covariance + c2)
    out: NDArray[np.float64] = similar / ((squares + c1) * (variances + c2))
    return out


def _blur(image: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weigh rows, then columns, with the Gaussian; only where it fits."""
    for axis in (0, 1):
        size = image.shape[axis] - WINDOW + 1
        along = np.moveaxis(image, axis, 0)
        out = along[WINDOW // 2 : WINDOW // 2 + size] * _GAUSSIAN[WINDOW // 2]
        # The window is even: each weight serves two neighbours.
        for k in range(WINDOW // 2):
            out += (along[k : k + size] + along[WINDOW - 1 - k :][:size]) * _GAUSSIAN[k]
        image = np.moveaxis(out, 0, axis)
    return image
