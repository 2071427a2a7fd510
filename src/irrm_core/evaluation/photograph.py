"""One 8-bit image by the published protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from irrm_core.errors import ImageDataError
from irrm_core.evaluation.result import ImageScore
from irrm_core.metrics import bicubic_lr, bicubic_roundtrip, modcrop, score_pair

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from irrm_core.engine import Rescaler
    from irrm_core.progress import Cancel


def score_photograph(
    name: str,
    image: NDArray[np.uint8],
    rescaler: Rescaler,
    *,
    seed: int = 0,
    cancel: Cancel | None = None,
) -> ImageScore:
    """Downscale and restore an image, and score both as the papers do.

    Parameters
    ----------
    name : str
        For the result and for messages.
    image : ndarray
        (H, W) or (H, W, S) with S = 2 or 4 for an image with alpha, which is left out. It
        is cut to multiples of the scale; padding to what the network asks for is the
        engine's business. A single-channel model is fed the colours one by one.
    rescaler : Rescaler
        With the model.
    seed : int
        Of a gaussian latent.
    cancel : Cancel, optional
        Looked at between tiles.

    Raises
    ------
    ImageDataError
        The image or its LR is smaller than SSIM's window.
    """
    card = rescaler.model.card
    hr = modcrop(_without_alpha(image), card.scale)
    if not hr.size:
        raise ImageDataError(
            f"{name}: is smaller than one LR pixel of x{card.scale}; take it out of the folder"
        )
    if hr.ndim == 2 and card.channels == 3:
        # The protocol reads a gray file as RGB; its LR is then an RGB image.
        hr = np.repeat(hr[:, :, None], 3, axis=2)
    axes = "YX" if hr.ndim == 2 else "YXS" if card.channels == 3 else "YXC"
    try:
        result = rescaler.roundtrip(hr, axes=axes, seed=seed, cancel=cancel)
        restored = score_pair(hr, result.restored, crop=card.scale)
        lr = score_pair(bicubic_lr(hr, card.scale), result.downscaled.image)
        plain = score_pair(hr, bicubic_roundtrip(hr, card.scale), crop=card.scale)
    except ImageDataError as error:
        raise ImageDataError(f"{name}: {error}") from error
    return ImageScore(
        name=name,
        height=hr.shape[0],
        width=hr.shape[1],
        psnr_y=restored.psnr_y,
        ssim_y=restored.ssim_y,
        psnr_rgb=restored.psnr_rgb,
        lr_psnr_y=lr.psnr_y,
        lr_ssim_y=lr.ssim_y,
        bicubic_psnr_y=plain.psnr_y,
        bicubic_ssim_y=plain.ssim_y,
    )


def _without_alpha(image: NDArray[Any]) -> NDArray[Any]:
    if image.ndim == 3 and image.shape[2] in (2, 4):
        image = image[:, :, : image.shape[2] - 1]
    return image[:, :, 0] if image.ndim == 3 and image.shape[2] == 1 else image
