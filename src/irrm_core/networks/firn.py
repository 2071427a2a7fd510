"""FIRN, the Fast Invertible Rescaling Net (Lee, 2020)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from irrm_core.networks.coupling import AffineCoupling
from irrm_core.networks.haar import HaarDownsampling
from irrm_core.networks.invertible import Invertible, RescalingNetwork


class PixelAttention(nn.Module):
    """``x ⊙ σ(conv1x1(x))``."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, C, H, W) to the same shape."""
        out: Tensor = x * torch.sigmoid(self.conv(x))
        return out


class PADB(nn.Module):
    """Pixel Attention Distillation Block.

    Three stages each keep a 1x1 distillation and refine the rest by a 3x3 convolution
    with a skip; the four distilled maps are joined by a 1x1 convolution and weighted by
    pixel attention.

    Parameters
    ----------
    channels_in, channels_out : int
        Channels of the input and of the output.
    ratio : float
        Distilled channels for each input channel (at least one); above 1 the input is widened
        first.
    """

    def __init__(self, channels_in: int, channels_out: int, ratio: float) -> None:
        super().__init__()
        distilled = max(1, int(channels_in * ratio))
        width = channels_in
        if ratio > 1:
            width = distilled
            self.expandconv = nn.Conv2d(channels_in, width, 3, padding=1)
        self.expands = ratio > 1
        for k in (1, 2, 3):
            setattr(self, f"c{k}_d", nn.Conv2d(width, distilled, 1))
            setattr(self, f"c{k}_r", nn.Conv2d(width, width, 3, padding=1))
        self.c4 = nn.Conv2d(width, distilled, 3, padding=1)
        self.c5 = nn.Conv2d(4 * distilled, channels_out, 1)
        self.PA = PixelAttention(channels_out)
        self.act = nn.LeakyReLU(0.2)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, channels_in, H, W) to (N, channels_out, H, W)."""
        rest = self.act(self.expandconv(x)) if self.expands else x
        distilled = []
        for k in (1, 2, 3):
            distilled.append(self.act(getattr(self, f"c{k}_d")(rest)))
            rest = self.act(getattr(self, f"c{k}_r")(rest) + rest)
        distilled.append(self.act(self.c4(rest)))
        out: Tensor = self.PA(self.c5(torch.cat(distilled, dim=1)))
        return out


class FIRNBlock(AffineCoupling):
    """IRN's coupling with PADB subnets; F sees the high band reduced to half its channels."""

    def __init__(self, low: int, total: int) -> None:
        high = total - low
        super().__init__(
            low, F=PADB(high // 2, low, 0.5), G=PADB(low, high, 3), H=PADB(low, high, 3)
        )
        self.reduce_conv = nn.Sequential(nn.Conv2d(high, high // 2, 1), nn.LeakyReLU(0.2))

    def shift_low(self, high: Tensor) -> Tensor:
        """Return what is added to the low band: F(reduce(h2))."""
        shift: Tensor = self.F(self.reduce_conv(high))
        return shift.to(high.dtype)


class FIRN(RescalingNetwork):
    """Haar steps, each followed by eight PADB coupling blocks.

    The state dict has the key layout of the published checkpoints.

    Parameters
    ----------
    scale : int
        2 or 4.
    blocks : sequence of int, optional
        Blocks after each Haar step; 8 each by default.
    channels : int
        Channels of the image.
    """

    def __init__(
        self, scale: int, blocks: Sequence[int] | None = None, *, channels: int = 3
    ) -> None:
        steps = scale.bit_length() - 1
        blocks = list(blocks) if blocks is not None else [8] * steps
        if scale < 2 or 1 << len(blocks) != scale:
            raise ValueError(f"FIRN x{scale} cannot be built from blocks {blocks}")
        operations: list[Invertible] = []
        total = channels
        for count in blocks:
            operations.append(HaarDownsampling(total))
            total *= 4
            operations.extend(FIRNBlock(channels, total) for _ in range(count))
        super().__init__(operations, channels=channels, scale=scale)
