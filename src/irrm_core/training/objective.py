"""What a run strives for; the loop knows no more of it than this."""

from __future__ import annotations

import contextlib
from typing import Any, Protocol

import torch
from torch import Tensor

from irrm_core.networks import RescalingNetwork
from irrm_core.training.descent import Descent
from irrm_core.training.losses import rescaling_loss, round_trip
from irrm_core.training.patches import Batch
from irrm_core.training.recipe import Recipe

Terms = dict[str, Tensor]
"""What is to be logged of a step: detached scalars by their names."""


class Objective(Protocol):
    """Changes a network step by step, and keeps whatever it needs for that."""

    @property
    def rate(self) -> float:
        """The network's learning rate in the last step."""

    def step(self, batch: Batch, step: int) -> Terms | None:
        """Take one step; None if something was not finite, and the step was not taken."""

    def state_dict(self) -> dict[str, Any]:
        """Return what an exact continuation needs besides the network's weights."""

    def resume(self, state: dict[str, Any] | None, step: int) -> None:
        """Go on at a step: exactly with the state, without it as well as can be."""


class Distortion:
    """As near to the original as can be: the rescaling loss and nothing else.

    Parameters
    ----------
    recipe : Recipe
        Loss, optimiser, precision and seed.
    network : RescalingNetwork
        On its device.
    """

    def __init__(self, recipe: Recipe, network: RescalingNetwork) -> None:
        self.recipe = recipe
        self.network = network
        self.descent = Descent(network, recipe.optimiser)

    def step(self, batch: Batch, step: int) -> Terms | None:
        """Follow the rescaling loss."""
        recipe = self.recipe
        with subnet_precision(recipe, batch):
            trip = round_trip(self.network, batch, recipe.loss.latent_policy, recipe.seed, step)
            total, terms = rescaling_loss(trip, batch, recipe.loss)
        norm = self.descent.step(total, step)
        return None if norm is None else {**terms, "norm": norm}

    @property
    def rate(self) -> float:
        """The learning rate of the last step."""
        return self.descent.rate

    def state_dict(self) -> dict[str, Any]:
        """Return the optimiser's state."""
        return self.descent.state_dict()

    def resume(self, state: dict[str, Any] | None, step: int) -> None:
        """Go on at a step, without a state after another warm-up."""
        self.descent.resume(state, step)


def subnet_precision(recipe: Recipe, batch: Batch) -> contextlib.AbstractContextManager[Any]:
    """Return the context in which convolutions run as the recipe's precision says."""
    if recipe.precision != "bf16":
        return contextlib.nullcontext()
    return torch.autocast(batch.hr.device.type, dtype=torch.bfloat16)
