"""A quick look at how a network under training does, as ``irrm eval`` would measure it."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from irrm_core.engine.mapping import HEADROOM
from irrm_core.metrics.bicubic import bicubic
from irrm_core.metrics.psnr import luma, psnr
from irrm_core.metrics.sharpness import sharpness
from irrm_core.networks import RescalingNetwork, quantise
from irrm_core.training.latent import fed_latent
from irrm_core.training.pictures import Pictures, load_pictures
from irrm_core.training.reading import Picture
from irrm_core.zoo import LatentPolicy

if TYPE_CHECKING:
    from numpy.typing import NDArray

EXACT = 100.0
"""Decibels that count for a picture that comes back exactly, as black frames of a stack may:
infinity would hide all others, in the mean and in the curve."""

LARGEST = 1024
"""Side in pixels of what is looked at in the middle of a larger picture."""


class Validation:
    """A fixed set of pictures and their bicubic LR.

    Parameters
    ----------
    data : path or Pictures
        Validation images; the first `count` are used, of large ones the middle 1024x1024
        pixels.
    count : int
        At most this many.
    channels, scale : int
        Of the network.
    multiple : int
        Pictures are cut, bottom and right, to multiples of it.
    latent : LatentPolicy
        What the network is fed when restoring; noise is the same at every measurement.

    Raises
    ------
    UsageError
        There are no pictures as large as `multiple`.
    """

    def __init__(
        self,
        data: str | Path | Pictures,
        *,
        count: int,
        channels: int,
        scale: int,
        multiple: int,
        latent: LatentPolicy,
    ) -> None:
        if not isinstance(data, Pictures):
            data = load_pictures(data, channels=channels, smallest=multiple, most=count)
        self.scale = scale
        self.latent = latent
        self.pairs = [_pair(p, scale, multiple, channels) for p in data.pictures[:count]]

    def measure(self, network: RescalingNetwork) -> dict[str, float]:
        """Return mean ``psnr_y`` of the restored HR and ``lr_psnr_y`` of the LR, in dB.

        Of 8-bit pictures on luma, by the published protocol. Of deep pictures over all values,
        with the range of the data as peak; `EXACT` at most. And the mean ``texture`` of the
        restored HR, as `sharpness` has it, over pictures that have any.
        """
        hr_scores, lr_scores, textures = [], [], []
        device = next(network.parameters()).device
        for number, pair in enumerate(self.pairs):
            x = torch.from_numpy(pair.hr.astype(np.float32)).permute(2, 0, 1)[None]
            with torch.no_grad():
                y, z = network.downscale((x / pair.levels).to(device))
                y = quantise(y, pair.levels)
                restored = network.restore(y, fed_latent(z, self.latent, number))
            crop = self.scale
            inner = (slice(crop, -crop), slice(crop, -crop))
            hr, image = pair.hr[inner], _codes(restored, pair.levels)[inner]
            hr_scores.append(pair.score(hr, image))
            textures.append(sharpness(hr, image).texture)
            lr_scores.append(pair.score(pair.lr, _codes(y, pair.levels)))
        return {
            "psnr_y": float(np.mean(hr_scores)),
            "lr_psnr_y": float(np.mean(lr_scores)),
            "texture": float(np.mean([t for t in textures if isfinite(t)] or [1.0])),
        }


@dataclass(frozen=True)
class _Pair:
    """A picture (H, W, C) and its bicubic LR, both in codes of 0 to `levels`."""

    hr: NDArray[Any]
    lr: NDArray[np.float64]
    levels: int

    def score(self, reference: NDArray[Any], image: NDArray[np.float32]) -> float:
        if self.levels == 255:
            return min(psnr(luma(_plain(reference)), luma(_plain(image))), EXACT)
        span = 1 - 2 * HEADROOM
        low, high = self.levels * HEADROOM, self.levels * (1 - HEADROOM)
        return min(psnr(reference, image.clip(low, high), peak=self.levels * span), EXACT)


def _pair(picture: Picture, scale: int, multiple: int, channels: int) -> _Pair:
    """Cut a picture to what is measured of it."""
    pixels = picture.middle(LARGEST).pixels
    height, width = (side // multiple * multiple for side in pixels.shape[:2])
    hr = pixels[:height, :width]
    if hr.shape[2] < channels:
        hr = hr.repeat(channels, axis=2)
    lr = np.clip(np.round(bicubic(hr, height // scale, width // scale)), 0, picture.levels)
    return _Pair(hr, lr, picture.levels)


def _codes(x: torch.Tensor, levels: int) -> NDArray[np.float32]:
    """Turn one network output into rounded (H, W, C) values in [0, levels]."""
    codes: NDArray[np.float32]
    codes = x[0].clamp(0, 1).mul(levels).round().permute(1, 2, 0).cpu().numpy()
    return codes


def _plain(image: NDArray[Any]) -> NDArray[Any]:
    """Return (H, W) of a single channel: luma takes it for gray."""
    return image if image.shape[2] == 3 else image[:, :, 0]
