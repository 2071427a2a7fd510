"""A convolution prepared for inference: packed weights, bias and LeakyReLU in one call.

oneDNN's fused convolution stands behind operators that torch keeps for its own compiler.
They are tried once on a small image; where they are missing or disagree, and on every
device and precision they do not serve, torch's ordinary convolution does the same work.
"""

from __future__ import annotations

from functools import cache

import torch
import torch.nn.functional as fn
from torch import Tensor, nn


class PackedConvolution(nn.Module):
    """A size-preserving convolution with its activation, for inference only.

    Holds a copy of the weights, so that the network it came from can be trained on. The
    precision is that of a surrounding autocast, otherwise that of the input; weights are
    converted and packed once for each.

    Parameters
    ----------
    convolution : Conv2d
        Stride, dilation and groups 1; what is copied.
    slope : float, optional
        Of the LeakyReLU that follows; none by default.
    full : bool
        Compute in the precision of the weights, autocast or not.
    """

    weight: Tensor
    bias: Tensor

    def __init__(
        self, convolution: nn.Conv2d, slope: float | None = None, *, full: bool = False
    ) -> None:
        super().__init__()
        weight, bias = convolution.weight.detach(), convolution.bias
        self.register_buffer("weight", weight.clone(memory_format=torch.channels_last))
        self.register_buffer(
            "bias", weight.new_zeros(len(weight)) if bias is None else bias.detach().clone()
        )
        self.padding = weight.shape[2] // 2, weight.shape[3] // 2
        self.slope = slope
        self.full = full
        self._ready: dict[tuple[torch.device, torch.dtype], tuple[Tensor, Tensor, bool]] = {}

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, in, H, W) to (N, out, H, W), both best in channels-last layout."""
        x = x.to(self.weight.dtype if self.full else working_precision(x))
        weight, bias, packed = self._prepared(x.device, x.dtype)
        if packed:
            return _fused_convolution(x, weight, bias, self.padding, self.slope)
        with torch.autocast(x.device.type, enabled=False):
            out = fn.conv2d(x, weight, bias, padding=self.padding)
            return out if self.slope is None else fn.leaky_relu_(out, self.slope)

    def _prepared(self, device: torch.device, dtype: torch.dtype) -> tuple[Tensor, Tensor, bool]:
        ready = self._ready.get((device, dtype))
        if ready is None:
            weight, bias = self.weight.to(device, dtype), self.bias.to(device, dtype)
            packed = device.type == "cpu" and has_fused_convolution(dtype)
            if packed:
                weight = _pack(weight, self.padding)
            ready = self._ready[device, dtype] = weight, bias, packed
        return ready


def working_precision(x: Tensor) -> torch.dtype:
    """Return the precision of a convolution of `x`: autocast's where one is on, else its own."""
    device = x.device.type
    if x.dtype == torch.float32 and torch.is_autocast_enabled(device):
        return torch.get_autocast_dtype(device)
    return x.dtype


@cache
def has_fused_convolution(dtype: torch.dtype) -> bool:
    """Say whether oneDNN's fused convolution is there for `dtype` and gives the right result."""
    if dtype not in (torch.float32, torch.bfloat16):
        return False
    x = torch.linspace(-1, 1, 2 * 5 * 5).view(1, 2, 5, 5)
    weight = torch.linspace(-0.5, 0.5, 3 * 2 * 3 * 3).view(3, 2, 3, 3)
    bias = torch.zeros(3)
    try:
        # Private operators may go, or change their arguments, or refuse the processor.
        if dtype == torch.bfloat16 and not torch.ops.mkldnn._is_mkldnn_bf16_supported():
            return False
        packed = _pack(weight.to(dtype), (1, 1))
        got = _fused_convolution(x.to(dtype), packed, bias.to(dtype), (1, 1), 0.2)
    except (AttributeError, RuntimeError, TypeError):
        return False
    with torch.autocast("cpu", enabled=False):
        expected = fn.leaky_relu(fn.conv2d(x, weight, bias, padding=1), 0.2)
    return torch.allclose(got.float(), expected, atol=1e-5 if dtype == torch.float32 else 0.1)


def _pack(weight: Tensor, padding: tuple[int, int]) -> Tensor:
    packed: Tensor = torch.ops.mkldnn._reorder_convolution_weight(
        weight, padding, (1, 1), (1, 1), 1, None
    )
    return packed


def _fused_convolution(
    x: Tensor, packed: Tensor, bias: Tensor, padding: tuple[int, int], slope: float | None
) -> Tensor:
    attribute, scalars = ("none", []) if slope is None else ("leaky_relu", [slope])
    out: Tensor = torch.ops.mkldnn._convolution_pointwise(
        x, packed, bias, padding, (1, 1), (1, 1), 1, attribute, scalars, ""
    )
    return out
