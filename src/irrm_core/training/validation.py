"""A quick look at how a network under training does, by the published protocol's PSNR."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from irrm_core.metrics.bicubic import bicubic
from irrm_core.metrics.psnr import luma, psnr
from irrm_core.networks import RescalingNetwork, quantise
from irrm_core.training.latent import fed_latent
from irrm_core.training.patches import list_images, read_picture
from irrm_core.zoo import LatentPolicy

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Validation:
    """A fixed set of pictures and their bicubic LR.

    Parameters
    ----------
    folder : path
        Validation images; the first `count` by name are used.
    count : int
        At most this many.
    channels, scale : int
        Of the network.
    multiple : int
        Pictures are cut, bottom and right, to multiples of it.
    latent : LatentPolicy
        What the network is fed when restoring; noise is the same at every measurement.
    """

    def __init__(
        self,
        folder: str | Path,
        *,
        count: int,
        channels: int,
        scale: int,
        multiple: int,
        latent: LatentPolicy,
    ) -> None:
        self.scale = scale
        self.latent = latent
        self.pairs: list[tuple[NDArray[np.uint8], NDArray[np.float64]]] = []
        for path in list_images(folder)[:count]:
            # A copy, because a picture's own bytes are read-only and torch warns of that.
            pixels = np.array(read_picture(path, channels))
            h, w = (side - side % multiple for side in pixels.shape[:2])
            hr = pixels[:h, :w]
            self.pairs.append((hr, bicubic(hr, h // scale, w // scale)))

    def measure(self, network: RescalingNetwork) -> dict[str, float]:
        """Return mean ``psnr_y`` of the restored HR and ``lr_psnr_y`` of the LR, in dB."""
        hr_scores, lr_scores = [], []
        device = next(network.parameters()).device
        for number, (hr, reference) in enumerate(self.pairs):
            x = torch.from_numpy(np.atleast_3d(hr)).permute(2, 0, 1)[None].to(device).float() / 255
            with torch.no_grad():
                y, z = network.downscale(x)
                y = quantise(y)
                restored = network.restore(y, fed_latent(z, self.latent, number))
            crop = self.scale
            inner = (slice(crop, -crop), slice(crop, -crop))
            hr_scores.append(psnr(luma(hr)[inner], luma(_bytes(restored))[inner]))
            lr_reference = np.clip(np.round(reference), 0, 255)
            lr_scores.append(psnr(luma(lr_reference), luma(_bytes(y))))
        return {
            "psnr_y": float(np.mean(hr_scores)),
            "lr_psnr_y": float(np.mean(lr_scores)),
        }


def _bytes(x: torch.Tensor) -> NDArray[np.float32]:
    """Turn one network output into rounded (H, W, 3) or (H, W) values in [0, 255]."""
    values = x[0].clamp(0, 1).mul(255).round().permute(1, 2, 0).cpu().numpy()
    out: NDArray[np.float32] = values if values.shape[2] == 3 else values[:, :, 0]
    return out
