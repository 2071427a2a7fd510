"""The Haar transform, laid out as IRN lays it out."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from irrm_core.networks.invertible import Invertible


class HaarDownsampling(Invertible):
    """Split every 2x2 block into its mean and three details.

    For a block ``[a b; c d]`` the bands are ``(a+b+c+d)/4``, ``(a−b+c−d)/4``,
    ``(a+b−c−d)/4`` and ``(a−b−c+d)/4`` (IRN, section 3.2; the mean keeps the LR in
    the range of the image, so the transform is not orthonormal). The output is
    band-major: the means of all C channels first, then each detail band of all C.

    The weights ±1 are fixed. They are kept as a parameter without gradient because
    published checkpoints hold them under this name; the arithmetic does not read
    them, slices are several times faster than a strided grouped convolution.

    Parameters
    ----------
    channels : int
        C of the input (N, C, H, W), H and W even. The output is (N, 4C, H/2, W/2).
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        kernel = torch.tensor(
            [[[1, 1], [1, 1]], [[1, -1], [1, -1]], [[1, 1], [-1, -1]], [[1, -1], [-1, 1]]],
            dtype=torch.float32,
        ).unsqueeze(1)
        self.channels = channels
        self.haar_weights = nn.Parameter(kernel.repeat(channels, 1, 1, 1), requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        """Analyse (N, C, H, W) into (N, 4C, H/2, W/2)."""
        a, b = x[:, :, 0::2, 0::2], x[:, :, 0::2, 1::2]
        c, d = x[:, :, 1::2, 0::2], x[:, :, 1::2, 1::2]
        top, bottom = (a + b) * 0.25, (c + d) * 0.25
        top_detail, bottom_detail = (a - b) * 0.25, (c - d) * 0.25
        return torch.cat(
            (
                top + bottom,
                top_detail + bottom_detail,
                top - bottom,
                top_detail - bottom_detail,
            ),
            dim=1,
        )

    def inverse(self, y: Tensor) -> Tensor:
        """Synthesise (N, 4C, h, w) into (N, C, 2h, 2w)."""
        mean, across, down, cross = y.chunk(4, dim=1)
        x = y.new_empty(y.shape[0], y.shape[1] // 4, 2 * y.shape[2], 2 * y.shape[3]).contiguous(
            memory_format=_layout(y)
        )
        left, right = mean + across, mean - across
        left_detail, right_detail = down + cross, down - cross
        x[:, :, 0::2, 0::2] = left + left_detail
        x[:, :, 0::2, 1::2] = right + right_detail
        x[:, :, 1::2, 0::2] = left - left_detail
        x[:, :, 1::2, 1::2] = right - right_detail
        return x


def _layout(x: Tensor) -> torch.memory_format:
    """Return the memory format that `x` is in, so that the next convolution need not convert."""
    if x.is_contiguous(memory_format=torch.channels_last) and not x.is_contiguous():
        return torch.channels_last
    return torch.contiguous_format
