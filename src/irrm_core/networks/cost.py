"""What a network costs: parameters and multiply-adds."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch.utils.flop_counter import FlopCounterMode

from irrm_core.networks.invertible import RescalingNetwork


@dataclass(frozen=True)
class Cost:
    """Size of a network.

    Attributes
    ----------
    parameters : int
        Numbers in the state dict, the fixed Haar weights included.
    multiply_adds : float
        Multiply-adds of all convolutions and matrix products per HR pixel, one direction.
    """

    parameters: int
    multiply_adds: float


def cost(network: RescalingNetwork) -> Cost:
    """Count the parameters of a network and its multiply-adds on one tiny image."""
    side = 2 * network.size_multiple
    parameter = next(network.parameters())
    counter = FlopCounterMode(display=False)
    with torch.no_grad(), counter:
        network(parameter.new_zeros(1, network.channels, side, side))
    multiply_adds = counter.get_total_flops() / 2 / side**2
    return Cost(sum(p.numel() for p in network.parameters()), multiply_adds)
