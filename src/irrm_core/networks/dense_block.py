"""IRN's dense block."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class DenseBlock(nn.Module):
    """Five densely connected 3x3 convolutions, growth `growth`, LeakyReLU 0.2 after four.

    Convolution k sees the input and the outputs of all before it. The last one starts
    at zero and the others at a tenth of Xavier's normal, so that a fresh block gives 0.

    Parameters
    ----------
    channels_in, channels_out : int
        Channels of the input and of the output.
    growth : int
        Channels that each of the first four convolutions adds.
    """

    def __init__(self, channels_in: int, channels_out: int, growth: int = 32) -> None:
        super().__init__()
        self.channels_in = channels_in
        self.channels_out = channels_out
        self.growth = growth
        for k in range(5):
            seen = channels_in + k * growth
            conv = nn.Conv2d(seen, growth if k < 4 else channels_out, 3, padding=1)
            if k < 4:
                nn.init.xavier_normal_(conv.weight)
                conv.weight.data.mul_(0.1)
            else:
                nn.init.zeros_(conv.weight)
            nn.init.zeros_(conv.bias)  # type: ignore[arg-type]
            setattr(self, f"conv{k + 1}", conv)
        self.act = nn.LeakyReLU(0.2)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, channels_in, H, W) to (N, channels_out, H, W)."""
        seen = x
        for k in range(1, 5):
            seen = torch.cat((seen, self.act(getattr(self, f"conv{k}")(seen))), dim=1)
        out: Tensor = self.get_submodule("conv5")(seen)
        return out
