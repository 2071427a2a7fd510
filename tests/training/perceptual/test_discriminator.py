from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import pytest
import torch
from torch import Tensor, nn

from irrm_core.errors import UsageError
from irrm_core.training.perceptual import Discriminator, RelativisticGAN, VGG19Features
from irrm_core.training.perceptual.discriminator import SMALLEST_SIDE


def pictures(seed: int, count: int, side: int, *, smooth: bool) -> Tensor:
    """Noise, or what is left of it in blocks of four."""
    noise = torch.rand(count, 3, side, side, generator=torch.Generator().manual_seed(seed))
    if not smooth:
        return noise
    blocks = nn.functional.avg_pool2d(noise, 4)
    return nn.functional.interpolate(0.5 + 4 * (blocks - 0.5), scale_factor=4.0)


@pytest.mark.parametrize("size", [(32, 32), (48, 80), (129, 97)])
@pytest.mark.parametrize("channels", [1, 3])
def test_pictures_of_any_size_are_judged(size: tuple[int, int], channels: int) -> None:
    judge = Discriminator(channels, width=4)
    x = torch.rand(2, channels, *size)
    assert judge(x).shape == (2,)
    assert judge.features(x).shape == (2, 16, size[0] // 8, size[1] // 8)
    assert min(size) >= SMALLEST_SIDE


def test_it_soon_tells_noise_from_blocks() -> None:
    torch.manual_seed(0)
    judge = Discriminator(width=4)
    game = RelativisticGAN()
    optimiser = torch.optim.Adam(judge.parameters(), lr=2e-3)
    for step in range(20):
        loss = game.discriminator(
            judge(pictures(2 * step, 4, 32, smooth=False)),
            judge(pictures(2 * step + 1, 4, 32, smooth=True)),
        )
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    judge.eval().requires_grad_(False)
    real = judge(pictures(1000, 8, 40, smooth=False))
    fake = judge(pictures(1001, 8, 40, smooth=True))
    assert float(real.min()) > float(fake.max())


def test_gradients_reach_pictures_and_every_weight() -> None:
    judge = Discriminator(width=4)
    x = torch.rand(2, 3, 32, 32, requires_grad=True)
    (judge(x).sum() + judge.features(x).square().sum()).backward()
    assert x.grad is not None
    assert bool(x.grad.any())
    assert all(bool(p.grad.any()) for p in judge.parameters())


def test_vgg19_without_torchvision_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torchvision", None)
    with pytest.raises(UsageError, match=r"need torchvision.*discriminator"):
        VGG19Features()


def stand_in(monkeypatch: pytest.MonkeyPatch, vgg19: object) -> None:
    """Put something in torchvision's place."""
    module = ModuleType("torchvision")
    weights = SimpleNamespace(IMAGENET1K_V1="imagenet")
    module.models = SimpleNamespace(vgg19=vgg19, VGG19_Weights=weights)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torchvision", module)


def test_vgg19_is_cut_before_its_last_activation_and_fed_as_imagenet_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Counting(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            seen.append(x)
            return x

    seen: list[Tensor] = []
    layers = nn.Sequential(*(Counting() for _ in range(37)))
    stand_in(monkeypatch, lambda weights: SimpleNamespace(features=layers))
    features = VGG19Features()
    x = torch.rand(1, 1, 4, 4)
    features(x)
    assert len(seen) == 35
    assert seen[0].shape == (1, 3, 4, 4)
    torch.testing.assert_close(seen[0][:, 2], (x[:, 0] - 0.406) / 0.225)
    assert not list(features.parameters())


def test_weights_that_cannot_be_fetched_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(weights: object) -> None:
        raise OSError("no route to host")

    stand_in(monkeypatch, unreachable)
    with pytest.raises(UsageError, match="no route to host; download them"):
        VGG19Features()
