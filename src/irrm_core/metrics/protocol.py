"""The protocol by which rescaling papers publish their figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from irrm_core.errors import ImageDataError
from irrm_core.metrics.bands import bands, check_alike
from irrm_core.metrics.bicubic import bicubic
from irrm_core.metrics.psnr import decibels, luma
from irrm_core.metrics.ssim import WINDOW, ssim_map

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class PairScore:
    """How close one 8-bit image is to another.

    Attributes
    ----------
    psnr_y, ssim_y : float
        On BT.601 luma, peak 255.
    psnr_rgb : float
        One mean square error over all three channels, in dB.
    """

    psnr_y: float
    ssim_y: float
    psnr_rgb: float


def score_pair(
    reference: NDArray[np.generic], image: NDArray[np.generic], *, crop: int = 0
) -> PairScore:
    """Score an image as the papers do: luma not rounded, SSIM where its window fits.

    Parameters
    ----------
    reference, image : ndarray
        8-bit values, same size; (H, W) counts as gray in all three channels, (H, W, 3) is
        RGB, and a gray image may be measured against an RGB one.
    crop : int
        Border that is left out: the scale for HR images, 0 for LR images.

    Returns
    -------
    PairScore
        Of the inner part.

    Raises
    ------
    ImageDataError
        The sizes differ, or the inner part is smaller than the 11 pixels of SSIM's window.
    """
    x, y = (_inner(side, crop) for side in (_colour(reference), _colour(image)))
    check_alike(x, y)
    height, width = x.shape[:2]
    if min(height, width) < WINDOW:
        raise ImageDataError(
            f"an image of {reference.shape[0]}x{reference.shape[1]} pixels is too small to be "
            f"scored: SSIM needs {WINDOW} along each side without a border of {crop}"
        )
    square_y = square_rgb = similar = 0.0
    for seen, own in bands(x.shape, overlap=WINDOW - 1):
        luma_x, luma_y = luma(x[seen]), luma(y[seen])
        similar += float(ssim_map(luma_x, luma_y).sum())
        difference = (luma_x - luma_y)[: own.stop - own.start]
        square_y += float(np.vdot(difference, difference))
        colours = x[own].astype(np.float64) - y[own].astype(np.float64)
        square_rgb += float(np.sum(colours * colours))
    windows = (height - WINDOW + 1) * (width - WINDOW + 1)
    return PairScore(
        psnr_y=decibels(square_y / (height * width), 255.0),
        ssim_y=similar / windows,
        psnr_rgb=decibels(square_rgb / (3 * height * width), 255.0),
    )


def modcrop(image: NDArray[np.generic], multiple: int) -> NDArray[np.generic]:
    """Cut an image, bottom and right, to multiples of a size; a view.

    Parameters
    ----------
    image : ndarray
        (H, W) or (H, W, C).
    multiple : int
        The scale, in the published protocol.
    """
    height, width = (side - side % multiple for side in image.shape[:2])
    return image[:height, :width]


def round8(image: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Clamp to [0, 255] and round, as an image file would hold it."""
    out: NDArray[np.uint8] = np.clip(np.rint(image), 0, 255).astype(np.uint8)
    return out


def bicubic_lr(image: NDArray[np.generic], scale: int) -> NDArray[np.uint8]:
    """Antialiased bicubic LR of an 8-bit HR image, rounded: what LR files are measured against.

    Parameters
    ----------
    image : ndarray
        (H, W) or (H, W, C) in [0, 255], sides multiples of the scale.
    scale : int
        The linear factor.
    """
    height, width = image.shape[:2]
    return round8(bicubic(image, height // scale, width // scale))


def bicubic_roundtrip(image: NDArray[np.generic], scale: int) -> NDArray[np.uint8]:
    """Return what comes back of an 8-bit image made small and large again by bicubic alone.

    Parameters
    ----------
    image : ndarray
        (H, W) or (H, W, C) in [0, 255], sides multiples of the scale.
    scale : int
        The linear factor.
    """
    height, width = image.shape[:2]
    return round8(bicubic(bicubic_lr(image, scale), height, width))


def _colour(image: NDArray[np.generic]) -> NDArray[np.generic]:
    """See a gray image as RGB, without copying it."""
    if image.ndim == 2:
        return np.broadcast_to(image[:, :, None], (*image.shape, 3))
    if image.ndim == 3 and image.shape[2] == 3:
        return image
    raise ImageDataError(
        f"cannot score an image of shape {image.shape}; it must be (H, W) or (H, W, 3)"
    )


def _inner(image: NDArray[np.generic], crop: int) -> NDArray[np.generic]:
    height, width = image.shape[:2]
    return image[crop : height - crop, crop : width - crop]
