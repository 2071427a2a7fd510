"""How much of the sharpness and texture of an original a restored image has."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from irrm_core.metrics.bands import bands, check_alike

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Sharpness:
    """Strength of detail relative to the original: 1 is as strong, less is blurred.

    It says how strong detail is, not whether it is the right one: noise raises both figures,
    so read them beside PSNR and with a look at the picture.

    Attributes
    ----------
    edges : float
        Ratio of the sums of absolute differences between neighbouring pixels (anisotropic
        total variation): governed by edges.
    texture : float
        Ratio of the root mean squares of the Laplacian: governed by the finest detail.
    """

    edges: float
    texture: float


def sharpness(reference: NDArray[np.generic], image: NDArray[np.generic]) -> Sharpness:
    """Compare the strength of detail in an image with that in its original.

    With differences D of neighbours along rows and columns and the five-point Laplacian Δ, the
    borders mirrored::

        edges   = Σ|D image| / Σ|D reference|
        texture = √(Σ(Δ image)² / Σ(Δ reference)²)

    Both are 1 for equal images, do not change when a constant is added, and grow in proportion
    with contrast. Convolution of the image with a symmetric kernel of weights that are not
    negative and sum to 1, the borders mirrored, never raises either.

    Parameters
    ----------
    reference, image : ndarray
        Same shape, (H, W) or (H, W, C), any real dtype; usually luma. In float64, a few rows
        at a time.

    Returns
    -------
    Sharpness
        1 where both images are flat, infinite where the reference alone is.

    Raises
    ------
    ImageDataError
        The shapes differ, or there is nothing in them.
    """
    check_alike(reference, image)
    edges, texture = _strength(image)
    full_edges, full_texture = _strength(reference)
    return Sharpness(_ratio(edges, full_edges), math.sqrt(_ratio(texture, full_texture)))


def _strength(image: NDArray[Any]) -> tuple[float, float]:
    """Return the sum of absolute differences and the sum of the squared Laplacian."""
    height = image.shape[0]
    edges = texture = 0.0
    for _, own in bands(image.shape):
        # One row and column more on each side; at the border they are mirrored, so equal.
        rows = np.arange(own.start - 1, own.stop + 1).clip(0, height - 1)
        wide = np.take(image, rows, axis=0).astype(np.float64)
        wide = np.concatenate((wide[:, :1], wide, wide[:, -1:]), axis=1)
        down = np.diff(wide[:, 1:-1], axis=0)
        right = np.diff(wide[1:-1], axis=1)
        edges += float(np.abs(down[1:]).sum() + np.abs(right[:, 1:]).sum())
        laplacian = np.diff(down, axis=0) + np.diff(right, axis=1)
        texture += float(np.vdot(laplacian, laplacian))
    return edges, texture


def _ratio(part: float, whole: float) -> float:
    if whole == 0:
        return 1.0 if part == 0 else math.inf
    return part / whole
