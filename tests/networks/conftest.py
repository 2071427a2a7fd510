"""Networks with a past: fresh ones are their wavelet transform and prove little."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn

from irrm_core.networks import RescalingNetwork

Perturb = Callable[[RescalingNetwork], RescalingNetwork]


@pytest.fixture
def perturb() -> Perturb:
    """Give every last convolution and every prediction of a network some weight."""

    def apply(network: RescalingNetwork, strength: float = 0.02) -> RescalingNetwork:
        generator = torch.Generator().manual_seed(7)
        with torch.no_grad():
            for name, parameter in network.named_parameters():
                last = name.split(".")[-2] in ("tail", "conv5", "c5", "operations")
                if last or parameter.shape == (9, 9) or name.endswith(".1.weight"):
                    noise = torch.randn(parameter.shape, generator=generator)
                    parameter.add_(noise.to(parameter.dtype), alpha=strength)
        return network.requires_grad_(False).eval()

    return apply


@pytest.fixture
def picture() -> Callable[..., torch.Tensor]:
    """Make an image (1, C, H, W) in [0, 1] that is smooth at large and noisy at small."""

    def make(
        channels: int, height: int, width: int, dtype: torch.dtype = torch.float32
    ) -> torch.Tensor:
        generator = torch.Generator().manual_seed(3)
        coarse = torch.rand(1, channels, 4, 4, generator=generator, dtype=torch.float64)
        smooth = nn.functional.interpolate(coarse, (height, width), mode="bicubic")
        noise = torch.rand(1, channels, height, width, generator=generator, dtype=torch.float64)
        return (0.9 * smooth + 0.1 * noise).clamp(0, 1).to(dtype)

    return make
