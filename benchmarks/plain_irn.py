"""IRN written plainly, as its paper describes it: what our networks are timed against.

NCHW, float32, `torch.cat` in every dense block and coupling, the Haar transform as a strided
grouped convolution. Its state dict is that of `irrm_core.networks.IRN`.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as fn
from torch import Tensor, nn


class PlainHaar(nn.Module):
    """Haar step: grouped convolution of stride 2, divided by 4, bands brought together."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channels = channels
        kernels = [[[1, 1], [1, 1]], [[1, -1], [1, -1]], [[1, 1], [-1, -1]], [[1, -1], [-1, 1]]]
        weights = torch.tensor(kernels, dtype=torch.float32).unsqueeze(1).repeat(channels, 1, 1, 1)
        self.haar_weights = nn.Parameter(weights, requires_grad=False)

    def forward(self, x: Tensor, reverse: bool = False) -> Tensor:
        """Analyse (N, C, H, W) into (N, 4C, H/2, W/2), or back."""
        n, c, h, w = x.shape
        if reverse:
            x = x.reshape(n, 4, self.channels, h, w).transpose(1, 2).reshape(n, c, h, w)
            return fn.conv_transpose2d(x, self.haar_weights, stride=2, groups=self.channels)
        x = fn.conv2d(x, self.haar_weights, stride=2, groups=self.channels) / 4
        x = x.reshape(n, self.channels, 4, h // 2, w // 2)
        return x.transpose(1, 2).reshape(n, 4 * c, h // 2, w // 2)


class PlainDenseBlock(nn.Module):
    """Five 3x3 convolutions, each of the concatenation of all before."""

    def __init__(self, channels_in: int, channels_out: int, growth: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, growth, 3, 1, 1)
        self.conv2 = nn.Conv2d(channels_in + growth, growth, 3, 1, 1)
        self.conv3 = nn.Conv2d(channels_in + 2 * growth, growth, 3, 1, 1)
        self.conv4 = nn.Conv2d(channels_in + 3 * growth, growth, 3, 1, 1)
        self.conv5 = nn.Conv2d(channels_in + 4 * growth, channels_out, 3, 1, 1)
        self.lrelu = nn.LeakyReLU(0.2)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, channels_in, H, W) to (N, channels_out, H, W)."""
        x1 = self.lrelu(self.conv1(x))
        x2 = self.lrelu(self.conv2(torch.cat((x, x1), 1)))
        x3 = self.lrelu(self.conv3(torch.cat((x, x1, x2), 1)))
        x4 = self.lrelu(self.conv4(torch.cat((x, x1, x2, x3), 1)))
        out: Tensor = self.conv5(torch.cat((x, x1, x2, x3, x4), 1))
        return out


class PlainCoupling(nn.Module):
    """IRN's invertible block."""

    def __init__(self, low: int, total: int, growth: int) -> None:
        super().__init__()
        self.low = low
        self.F = PlainDenseBlock(total - low, low, growth)
        self.G = PlainDenseBlock(low, total - low, growth)
        self.H = PlainDenseBlock(low, total - low, growth)

    def forward(self, x: Tensor, reverse: bool = False) -> Tensor:
        """Map (N, total, H, W) to the same shape, or back."""
        x1, x2 = x[:, : self.low], x[:, self.low :]
        if reverse:
            s = 2 * torch.sigmoid(self.H(x1)) - 1
            y2 = (x2 - self.G(x1)) / torch.exp(s)
            y1 = x1 - self.F(y2)
        else:
            y1 = x1 + self.F(x2)
            s = 2 * torch.sigmoid(self.H(y1)) - 1
            y2 = x2 * torch.exp(s) + self.G(y1)
        return torch.cat((y1, y2), 1)


class PlainIRN(nn.Module):
    """IRN with Haar steps.

    Parameters
    ----------
    scale : int
        2, 4 or 8.
    blocks : sequence of int, optional
        Blocks after each Haar step; 8 each by default.
    channels, growth : int
        As in `irrm_core.networks.IRN`.
    """

    def __init__(
        self,
        scale: int,
        blocks: Sequence[int] | None = None,
        *,
        channels: int = 3,
        growth: int = 32,
    ) -> None:
        super().__init__()
        self.channels = channels
        self.operations = nn.ModuleList()
        total = channels
        for count in blocks or [8] * (scale.bit_length() - 1):
            self.operations.append(PlainHaar(total))
            total *= 4
            self.operations.extend(PlainCoupling(channels, total, growth) for _ in range(count))

    def downscale(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Split (N, C, H, W) into LR image and latent."""
        for operation in self.operations:
            x = operation(x)
        return x[:, : self.channels], x[:, self.channels :]

    def restore(self, lr: Tensor, latent: Tensor) -> Tensor:
        """Put LR image and latent together again."""
        x = torch.cat((lr, latent), 1)
        for operation in reversed(self.operations):
            x = operation(x, reverse=True)
        return x
