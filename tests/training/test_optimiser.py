"""Both methods through the face that the loop uses."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from irrm_core.networks import IRRM
from irrm_core.training.optimiser import Optimiser
from irrm_core.training.recipe import OptimiserRecipe


def network(seed: int = 0) -> IRRM:
    torch.manual_seed(seed)
    made = IRRM(2, [1], width=16)
    return made.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def backward(made: IRRM, seed: int = 1) -> None:
    torch.manual_seed(seed)
    x = torch.rand(1, 3, 16, 16)
    lr, latent = made.downscale(x)
    loss = (lr - x.mean()).square().mean() + latent.abs().mean()
    loss.backward()


def convolutions(made: nn.Module) -> list[torch.Tensor]:
    return [m.weight for m in made.modules() if isinstance(m, nn.Conv2d)]


@pytest.mark.parametrize("method", ["adam", "muon"])
def test_a_step_changes_every_weight_that_has_a_gradient(method: str) -> None:
    made = network()
    optimiser = Optimiser(made, OptimiserRecipe(method=method))  # type: ignore[arg-type]
    before = {name: p.detach().clone() for name, p in made.named_parameters()}
    backward(made)
    optimiser.step(1e-3)
    assert optimiser.rate == 1e-3
    for name, p in made.named_parameters():
        touched = p.grad is not None and bool(p.grad.any())
        assert torch.equal(p.detach(), before[name]) != touched, name


def test_muon_moves_all_directions_of_a_matrix_about_equally() -> None:
    made = network()
    weight = convolutions(made)[1]  # 16 to 16 channels
    before = weight.detach().clone()
    optimiser = Optimiser(made, OptimiserRecipe(method="muon"))
    backward(made)
    # The last convolution of a fresh block is zero, and no gradient passes it: give one.
    weight.grad = torch.randn_like(weight) * torch.logspace(0, -2, 16)[:, None, None, None]
    optimiser.step(1e-3)
    moved = (weight.detach() - before).permute(0, 2, 3, 1).reshape(16, -1)
    singular = torch.linalg.svdvals(moved)
    assert singular.min() > 0.4 * singular.max()
    given = torch.linalg.svdvals(weight.grad.permute(0, 2, 3, 1).reshape(16, -1))
    assert given.min() < 0.1 * given.max()


@pytest.mark.parametrize("method", ["adam", "muon"])
def test_a_continuation_is_exact(method: str) -> None:
    recipe = OptimiserRecipe(method=method)  # type: ignore[arg-type]
    straight, resumed = network(), network()
    first, second = Optimiser(straight, recipe), Optimiser(resumed, recipe)
    for made, optimiser in ((straight, first), (resumed, second)):
        for seed in range(2):
            optimiser.zero_grad()
            backward(made, seed)
            optimiser.step(1e-3)
    again = network(5)
    again.load_state_dict(resumed.state_dict())
    third = Optimiser(again, recipe)
    third.load_state_dict(second.state_dict())
    for made, optimiser in ((straight, first), (again, third)):
        optimiser.zero_grad()
        backward(made, 7)
        optimiser.step(1e-3)
    for a, b in zip(straight.parameters(), again.parameters(), strict=True):
        assert torch.equal(a, b)


def test_muon_refuses_weights_that_it_could_not_see_through_a_view() -> None:
    with pytest.raises(RuntimeError, match="view"):
        Optimiser(IRRM(2, [1], width=16), OptimiserRecipe(method="muon"))
