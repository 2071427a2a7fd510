"""The judge of what looks like an original."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

STAGES = 5
SMALLEST_SIDE = 2**STAGES
"""Side in pixels of the smallest picture that can be judged."""

_FEATURE_STAGES = 3


class Discriminator(nn.Module):
    """The VGG-like discriminator of SRGAN, ESRGAN, IRN+ and FIRN+, for pictures of any size.

    Five stages, each a 3×3 convolution and one of 4×4 that halves the side, all with LeakyReLU
    0.2; the width doubles up to eight times the first. Two linear layers make a logit of it.

    It differs from theirs (VGG-128: width 64, inputs of 128 to 159 pixels) in two things. The
    last maps are averaged over their positions and not flattened, so that any size will do.
    And the weights are divided by their spectral norm (Miyato et al., 2018) where theirs have
    batch normalisation, whose statistics are noise for the few patches that a CPU takes at a
    time, and which hides how strong the details of a batch are.

    Parameters
    ----------
    channels : int
        Of the pictures.
    width : int
        Channels of the first stage.
    """

    def __init__(self, channels: int = 3, width: int = 64) -> None:
        super().__init__()
        widths = [channels, *(width * min(2**stage, 8) for stage in range(STAGES))]
        self.stages = nn.ModuleList(_stage(before, after) for before, after in pairwise(widths))
        self.head = nn.Sequential(
            _normal(nn.Linear(widths[-1], 100)), nn.LeakyReLU(0.2), _normal(nn.Linear(100, 1))
        )

    def forward(self, pictures: Tensor) -> Tensor:
        """Judge pictures.

        Parameters
        ----------
        pictures : Tensor
            (N, C, H, W), nominally in [0, 1], no side below `SMALLEST_SIDE`.

        Returns
        -------
        Tensor
            (N,) float32 logits: the higher, the more it looks like an original.
        """
        maps = self._through(STAGES, pictures)
        logits: Tensor = self.head(maps.mean(dim=(2, 3)))
        return logits[:, 0].float()

    def features(self, pictures: Tensor) -> Tensor:
        """Return what three stages make of pictures: (N, 4·width, H/8, W/8)."""
        return self._through(_FEATURE_STAGES, pictures)

    def _through(self, stages: int, pictures: Tensor) -> Tensor:
        x = 2 * pictures - 1
        for stage in self.stages[:stages]:
            x = stage(x)
        return x


def _stage(inside: int, outside: int) -> nn.Sequential:
    return nn.Sequential(
        _normal(nn.Conv2d(inside, outside, 3, padding=1)),
        nn.LeakyReLU(0.2),
        _normal(nn.Conv2d(outside, outside, 4, stride=2, padding=1)),
        nn.LeakyReLU(0.2),
    )


def _normal(layer: nn.Conv2d | nn.Linear) -> nn.Module:
    with torch.no_grad():
        nn.init.kaiming_normal_(layer.weight, a=0.2)
    return spectral_norm(layer)
