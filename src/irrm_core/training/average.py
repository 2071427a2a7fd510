"""The moving average of the weights, which is what a run ships."""

from __future__ import annotations

import torch
from torch import nn


class MovingAverage:
    """Exponential moving average of the trainable weights.

    ``avg ← d·avg + (1 − d)·w`` with ``d = min(decay, (1 + t)/(10 + t))``, so that the
    start is forgotten quickly.
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.decay = decay
        self.state = {name: value.detach().clone() for name, value in network.state_dict().items()}

    @torch.no_grad()
    def update(self, network: nn.Module, step: int) -> None:
        """Take in the weights after `step` steps."""
        decay = min(self.decay, (1 + step) / (10 + step))
        averages = list(self.state.values())
        torch._foreach_lerp_(averages, list(network.state_dict().values()), 1 - decay)
