"""One step down a loss."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from irrm_core.training.optimiser import Optimiser
from irrm_core.training.recipe import OptimiserRecipe
from irrm_core.training.schedule import learning_rate


class Descent:
    """A network's way down: at the rate of a schedule, clipped, and in finite steps only.

    Parameters
    ----------
    network : Module
        See `Optimiser`.
    recipe : OptimiserRecipe
        Method, schedule and clipping.
    """

    def __init__(self, network: nn.Module, recipe: OptimiserRecipe) -> None:
        self.recipe = recipe
        self.optimiser = Optimiser(network, recipe)
        self._resumed_at: int | None = None

    def step(self, loss: Tensor, step: int) -> Tensor | None:
        """Follow the gradient of a loss.

        Returns
        -------
        Tensor or None
            The gradient's norm before it was clipped; None if it or the loss is not finite,
            and then nothing was changed.
        """
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        norm: Tensor = nn.utils.clip_grad_norm_(self.optimiser.trained, self.recipe.clip)
        if not bool(torch.isfinite(norm)) or not bool(torch.isfinite(loss)):
            return None
        self.optimiser.step(learning_rate(self.recipe, step, self._resumed_at))
        return norm

    @property
    def rate(self) -> float:
        """The learning rate of the last step."""
        return self.optimiser.rate

    def state_dict(self) -> dict[str, Any]:
        """Return what an exact continuation needs."""
        return self.optimiser.state_dict()

    def resume(self, state: dict[str, Any] | None, step: int) -> None:
        """Go on at a step: exactly, or without a state after another warm-up."""
        if state is None:
            self._resumed_at = step
        else:
            self.optimiser.load_state_dict(state)
