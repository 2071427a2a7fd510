"""Training can reach every weight, through many blocks and through rounding."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from irrm_core.networks import IRRM, RescalingNetwork, quantise

Perturb = Callable[[RescalingNetwork], RescalingNetwork]
Picture = Callable[..., Tensor]


def test_gradients_are_finite_through_forty_blocks(perturb: Perturb, picture: Picture) -> None:
    torch.manual_seed(0)
    network = perturb(IRRM(2, [40], width=16))
    for name, parameter in network.named_parameters():
        parameter.requires_grad_(not name.endswith("haar_weights"))
    x = picture(3, 16, 16)

    lr, latent = network.downscale(x)
    restored = network.restore(quantise(lr), torch.zeros_like(latent))
    ((restored - x).abs().mean() + latent.square().mean()).backward()

    gradients = {n: p.grad for n, p in network.named_parameters() if p.requires_grad}
    assert len(gradients) > 40 * 3 * 8
    for name, gradient in gradients.items():
        assert gradient is not None, name
        assert torch.isfinite(gradient).all(), name
        assert gradient.abs().max() > 0, name


def test_haar_weights_are_not_trained() -> None:
    network = IRRM(4, [1, 1])

    fixed = {n for n, p in network.named_parameters() if not p.requires_grad}
    assert fixed == {n for n in network.state_dict() if n.endswith("haar_weights")}


def test_rounding_hands_the_gradient_on_unchanged_even_outside_the_range() -> None:
    x = torch.tensor([-0.5, 0.0, 0.1234, 0.5, 1.0, 1.7], requires_grad=True)
    weight = torch.arange(1.0, 7.0)

    (quantise(x) * weight).sum().backward()

    assert x.grad is not None
    torch.testing.assert_close(x.grad, weight)


@pytest.mark.parametrize("levels", [1, 255, 65535])
def test_rounding_gives_clamped_multiples_of_one_level(levels: int) -> None:
    x = torch.linspace(-0.2, 1.2, 1001, dtype=torch.float64)

    q = quantise(x, levels)

    assert q.min() == 0
    assert q.max() == 1
    assert (q * levels - (q * levels).round()).abs().max() < 1e-9
    assert (q - x.clamp(0, 1)).abs().max() <= 0.5 / levels + 1e-12


def test_each_image_of_a_batch_may_have_its_own_levels() -> None:
    x = torch.full((2, 1, 1, 1), 0.4)

    q = quantise(x, torch.tensor([1.0, 255.0]).view(2, 1, 1, 1))

    assert q.flatten().tolist() == pytest.approx([0.0, 102 / 255])
