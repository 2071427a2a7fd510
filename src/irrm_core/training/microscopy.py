"""Photographs made to look as if a microscope's camera had taken them."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor


def imitate_microscopy(images: Tensor, rng: np.random.Generator) -> Tensor:
    """Change tone and noise of gray patches as camera, exposure and intensity mapping do.

    Every patch gets a random gamma, a random gain and offset inside the mapping's
    headroom, sometimes inverted contrast; a quarter of them Poisson-Gaussian noise, whose
    variance grows with the signal: ``σ² = read² + shot·signal``.

    Parameters
    ----------
    images : Tensor
        (N, 1, H, W) in [0, 1].
    rng : Generator
        Of every random choice.

    Returns
    -------
    Tensor
        Same shape, in [0, 1].
    """
    n = images.shape[0]

    def draw(low: float, high: float) -> Tensor:
        return torch.from_numpy(rng.uniform(low, high, (n, 1, 1, 1)).astype(np.float32))

    inverted = draw(0, 1) < 0.15
    x = torch.where(inverted, 1 - images, images)
    x = x ** torch.exp(draw(-0.7, 1.1))
    gain = torch.exp(draw(-1.2, 0.0))
    x = x * gain * 0.96 + 0.02 + draw(0, 1) * (1 - gain) * 0.5
    noisy = (draw(0, 1) < 0.25).float()
    read = torch.exp(draw(-7.0, -4.5))
    shot = torch.exp(draw(-10.0, -7.0))
    noise = torch.from_numpy(rng.standard_normal(tuple(x.shape), dtype=np.float32))
    x = x + noisy * noise * torch.sqrt(read**2 + shot * x)
    return x.clamp(0, 1)
