"""Adam for everything, or Muon for the matrices inside the subnets and Adam for the rest."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from irrm_core.training.recipe import OptimiserRecipe


class Optimiser:
    """What changes the weights, whichever method the recipe asks for.

    Muon (Jordan et al., 2024) takes the momentum of a weight matrix to the nearest
    semi-orthogonal one before it is applied, so that every direction of the matrix is learnt
    equally fast. It gets the convolutions of the subnets, each read as a matrix of the size
    (out, 3·3·in). All else, biases and the long skip, is left to Adam.

    Parameters
    ----------
    network : Module
        In channels-last format, and to stay where it is: Muon sees the weights through views.
    recipe : OptimiserRecipe
        Method, rates and betas.
    """

    def __init__(self, network: nn.Module, recipe: OptimiserRecipe) -> None:
        self.trained = [p for p in network.parameters() if p.requires_grad]
        self._muon_factor = recipe.muon_factor
        self._convolutions = _convolutions(network) if recipe.method == "muon" else []
        taken = {id(weight) for weight in self._convolutions}
        first, second = recipe.betas
        rest = [p for p in self.trained if id(p) not in taken]
        self._adam = torch.optim.Adam(rest, lr=0.0, betas=(first, second))
        self._matrices = [nn.Parameter(_matrix(w.detach())) for w in self._convolutions]
        self._muon: torch.optim.Muon | None = None
        if self._matrices:
            self._muon = torch.optim.Muon(
                self._matrices, weight_decay=0.0, adjust_lr_fn="match_rms_adamw"
            )

    def step(self, rate: float) -> None:
        """Apply the gradients at a learning rate, which is Adam's; Muon's follows from it."""
        _set_rate(self._adam, rate)
        self._adam.step()
        if self._muon is None:
            return
        for weight, matrix in zip(self._convolutions, self._matrices, strict=True):
            matrix.grad = _matrix(_gradient(weight).contiguous(memory_format=torch.channels_last))
        _set_rate(self._muon, rate * self._muon_factor)
        self._muon.step()  # type: ignore[no-untyped-call]

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for parameter in self.trained:
            parameter.grad = None

    @property
    def rate(self) -> float:
        """The learning rate of the last step; 0 before the first."""
        rate: float = self._adam.param_groups[0]["lr"]
        return rate

    def state_dict(self) -> dict[str, Any]:
        """Return what an exact continuation needs."""
        if self._muon is None:
            return self._adam.state_dict()
        return {"adam": self._adam.state_dict(), "muon": self._muon.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a state of the same method."""
        if self._muon is None:
            self._adam.load_state_dict(state)
        else:
            self._adam.load_state_dict(state["adam"])
            self._muon.load_state_dict(state["muon"])


def _convolutions(network: nn.Module) -> list[Tensor]:
    return [m.weight for m in network.modules() if isinstance(m, nn.Conv2d)]


def _gradient(weight: Tensor) -> Tensor:
    return torch.zeros_like(weight) if weight.grad is None else weight.grad


def _matrix(weight: Tensor) -> Tensor:
    """View a convolution's weight (out, in, k, k), channels last, as a matrix (out, k·k·in)."""
    return weight.permute(0, 2, 3, 1).view(weight.shape[0], -1)


def _set_rate(optimiser: torch.optim.Optimizer, rate: float) -> None:
    for group in optimiser.param_groups:
        group["lr"] = rate
