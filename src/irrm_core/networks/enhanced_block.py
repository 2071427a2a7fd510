"""IRRM's Enhanced Block."""

from __future__ import annotations

from torch import Tensor, nn


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions inside a short skip: ``x + conv(act(conv(act(x))))``, width kept."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, padding=1)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)
        self.act = nn.LeakyReLU(0.2)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, width, H, W) to the same shape."""
        out: Tensor = x + self.conv2(self.act(self.conv1(self.act(x))))
        return out


class EnhancedBlock(nn.Module):
    """The subnet of an Invertible Residual Block: widen, one residual block, narrow.

    ``conv3x3(in → n)``, a residual block at width n, ``conv3x3(n → out)``. The skip
    stands inside, at width n, because in and out differ (3 and 9 or 45 channels). The
    paper's figure is not at hand; this is the reading of its "residual block" variant
    that meets the published parameter and multiply-add ratios.

    The last convolution starts at zero, so that a fresh network is its wavelet
    transform and training starts from a picture.

    Parameters
    ----------
    channels_in, channels_out : int
        Channels of the input and of the output.
    width : int
        n.
    """

    def __init__(self, channels_in: int, channels_out: int, width: int) -> None:
        super().__init__()
        self.head = nn.Conv2d(channels_in, width, 3, padding=1)
        self.body = ResidualBlock(width)
        self.act = nn.LeakyReLU(0.2)
        self.tail = nn.Conv2d(width, channels_out, 3, padding=1)
        for conv in (self.head, self.body.conv1, self.body.conv2):
            nn.init.kaiming_normal_(conv.weight, a=0.2)
            nn.init.zeros_(conv.bias)  # type: ignore[arg-type]
        self.body.conv2.weight.data.mul_(0.1)
        nn.init.zeros_(self.tail.weight)
        nn.init.zeros_(self.tail.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, channels_in, H, W) to (N, channels_out, H, W)."""
        out: Tensor = self.tail(self.act(self.body(self.head(x))))
        return out
