"""IRN, the Invertible Rescaling Net (Xiao et al., ECCV 2020 and IJCV 2022)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as fn
from torch import Tensor, nn

from irrm_core.networks.coupling import AffineCoupling
from irrm_core.networks.dense_block import DenseBlock
from irrm_core.networks.haar import HaarDownsampling
from irrm_core.networks.invertible import Invertible, RescalingNetwork


class ConvDownsampling(Invertible):
    """Pixel-unshuffle, then one learned invertible s²×s² matrix per colour channel.

    IRN's downsampling for scales that are no power of two. The first output channel of
    each colour starts as the mean of its s×s block. The output is band-major, like Haar's.

    Parameters
    ----------
    channels : int
        C of the input (N, C, H, W); the output is (N, C·s², H/s, W/s).
    scale : int
        s.
    """

    def __init__(self, channels: int, scale: int) -> None:
        super().__init__()
        self.channels = channels
        self.scale = scale
        matrix = torch.eye(scale**2)
        matrix[0] = 1.0 / scale**2
        self.conv_weights = nn.Parameter(matrix)

    def forward(self, x: Tensor) -> Tensor:
        """Analyse (N, C, H, W) into (N, C·s², H/s, W/s)."""
        n, _, h, w = x.shape
        s = self.scale
        blocks = fn.pixel_unshuffle(x, s).view(n, self.channels, s * s, h // s, w // s)
        # Part of the bijection, not of a subnet: it keeps the input's precision.
        with torch.autocast(x.device.type, enabled=False):
            bands = torch.einsum("ok,nckhw->nochw", self.conv_weights.to(x.dtype), blocks)
        return bands.reshape(n, self.channels * s * s, h // s, w // s)

    def inverse(self, y: Tensor) -> Tensor:
        """Synthesise (N, C·s², h, w) into (N, C, h·s, w·s)."""
        n, _, h, w = y.shape
        s = self.scale
        bands = y.reshape(n, s * s, self.channels, h, w)
        with torch.autocast(y.device.type, enabled=False):
            matrix = torch.linalg.inv(self.conv_weights.to(y.dtype))
            blocks = torch.einsum("ko,nochw->nckhw", matrix, bands)
        return fn.pixel_shuffle(blocks.reshape(n, self.channels * s * s, h, w), s)


def _block(low: int, total: int, growth: int) -> AffineCoupling:
    high = total - low
    return AffineCoupling(
        low,
        F=DenseBlock(high, low, growth),
        G=DenseBlock(low, high, growth),
        H=DenseBlock(low, high, growth),
    )


class IRN(RescalingNetwork):
    """Haar (or learned) downsampling steps, each followed by invertible dense blocks.

    The state dict has the key layout of the published checkpoints.

    Parameters
    ----------
    scale : int
        2, 4 or 8 with Haar; any scale >= 2 with `learned_downsampling`.
    blocks : sequence of int, optional
        Blocks after each downsampling step; the published ones by default:
        [8] at x2, [12] at x3, [8, 8] at x4, [8, 8, 8] at x8.
    channels : int
        3 for RGB, 1 for single-channel images.
    growth : int
        Growth of the dense blocks.
    learned_downsampling : bool, optional
        One `ConvDownsampling` in place of the Haar steps; by default where the scale is
        not a power of two.
    """

    def __init__(
        self,
        scale: int,
        blocks: Sequence[int] | None = None,
        *,
        channels: int = 3,
        growth: int = 32,
        learned_downsampling: bool | None = None,
    ) -> None:
        levels = scale.bit_length() - 1
        power_of_two = scale == 1 << levels
        learned = not power_of_two if learned_downsampling is None else learned_downsampling
        if scale < 2 or not (learned or power_of_two):
            raise ValueError(f"IRN cannot be built at x{scale} from Haar steps")
        steps = 1 if learned else levels
        blocks = list(blocks) if blocks is not None else [12 if learned else 8] * steps
        if len(blocks) != steps:
            raise ValueError(f"IRN x{scale} has {steps} downsampling steps, not {len(blocks)}")
        operations: list[Invertible] = []
        total = channels
        for count in blocks:
            operations.append(
                ConvDownsampling(total, scale) if learned else HaarDownsampling(total)
            )
            total *= scale**2 if learned else 4
            operations.extend(_block(channels, total, growth) for _ in range(count))
        super().__init__(operations, channels=channels, scale=scale)
