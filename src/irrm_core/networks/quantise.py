"""Rounding that a gradient can pass."""

from __future__ import annotations

import torch
from torch import Tensor


class _StraightThrough(torch.autograd.Function):
    """Clamp and round forwards; hand the gradient on unchanged backwards."""

    @staticmethod
    def forward(ctx: object, x: Tensor, levels: float | Tensor) -> Tensor:
        return x.clamp(0.0, 1.0).mul(levels).round().div(levels)

    @staticmethod
    def backward(ctx: object, *grad: Tensor) -> tuple[Tensor, None]:
        return grad[0], None


def quantise(x: Tensor, levels: int | Tensor = 255) -> Tensor:
    """Clamp to [0, 1] and round to a multiple of ``1 / levels``.

    The gradient is the identity everywhere, outside the clamp too (straight-through
    estimator), as IRN trains it.

    Parameters
    ----------
    x : Tensor
        Any shape, nominally in [0, 1].
    levels : int or Tensor
        Largest code: 255 for an 8-bit LR, 65535 for a 16-bit LR. A tensor that broadcasts
        against `x` gives each image of a batch its own.

    Returns
    -------
    Tensor
        Same shape and dtype as `x`, in [0, 1].
    """
    out: Tensor = _StraightThrough.apply(x, levels)  # type: ignore[no-untyped-call]
    return out
