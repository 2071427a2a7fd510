"""With the true latent nothing is lost, whatever the weights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from irrm_core.networks import IRRM, AffineCoupling, RescalingNetwork, build, size_parameters
from irrm_core.zoo import list_models, load_model
from irrm_core.zoo.checkpoint import read_checkpoint

Perturb = Callable[[RescalingNetwork], RescalingNetwork]
Picture = Callable[..., Tensor]

NETWORKS: list[tuple[str, dict[str, Any]]] = [
    ("irrm", size_parameters("fast", 2)),
    ("irrm", size_parameters("fast", 2, 1)),
    ("irrm", size_parameters("fast", 4)),
    ("irrm", size_parameters("fast", 8)),
    ("irrm", size_parameters("S", 4)),
    ("irn", {"scale": 2}),
    ("irn", {"scale": 3}),
    ("irn", {"scale": 4}),
    ("irn", {"scale": 2, "channels": 1}),
    ("firn", {"scale": 2}),
    ("firn", {"scale": 4}),
    ("firn", {"scale": 4, "channels": 1}),
]


def error(network: RescalingNetwork, x: Tensor) -> float:
    with torch.inference_mode():
        return float((network.restore(*network.downscale(x)) - x).abs().max())


@pytest.mark.parametrize(("architecture", "parameters"), NETWORKS, ids=str)
def test_perturbed_networks_come_back(
    architecture: str, parameters: dict[str, Any], perturb: Perturb, picture: Picture
) -> None:
    torch.manual_seed(0)
    network = perturb(build(architecture, parameters))
    x = picture(network.channels, 48, 72)
    lr, _ = network.downscale(x)
    box_mean = nn.functional.avg_pool2d(x, network.scale)

    assert (lr - box_mean).abs().max() > 1e-3, "a network that does nothing proves nothing"
    assert error(network, x) < 1e-5
    assert error(network.double(), x.double()) < 1e-12


def test_imported_firn_comes_back(shared: Path, picture: Picture) -> None:
    network = build("firn", {"scale": 4})
    network.load_state_dict(read_checkpoint(shared / "weights" / "FIRN.pth"))
    network.requires_grad_(False)
    x = picture(3, 64, 96)

    assert error(network, x) < 1e-5
    assert error(network.double(), x.double()) < 1e-12


def test_bundled_models_come_back(picture: Picture) -> None:
    cards = [card for card in list_models() if card.id.startswith("irrm-")]
    assert {"irrm-fast-x2@1", "irrm-fast-x4@1"} <= {card.id for card in cards}
    for card in cards:
        network = load_model(card.id, device="cpu").network
        x = picture(card.channels, 64, 96)
        assert error(network, x) < 1e-5, card.id
        assert error(network.double(), x.double()) < 1e-12, card.id


@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=st.integers(1, 12), columns=st.integers(1, 12), which=st.integers(0, 5))
def test_every_multiple_of_the_size_multiple_comes_back(
    rows: int, columns: int, which: int, perturb: Perturb, picture: Picture
) -> None:
    small: list[tuple[str, dict[str, Any]]] = [
        ("irrm", {"scale": 2, "blocks": [1], "width": 8, "deeper_blocks": 1}),
        ("irrm", {"scale": 4, "blocks": [1, 1], "width": 8, "channels": 1}),
        ("irrm", {"scale": 8, "blocks": [1, 1, 1], "width": 8}),
        ("irn", {"scale": 3, "blocks": [1], "growth": 4}),
        ("irn", {"scale": 4, "blocks": [1, 1], "growth": 4}),
        ("firn", {"scale": 4, "blocks": [1, 1]}),
    ]
    network = perturb(build(*small[which])).double()
    multiple = network.size_multiple
    x = picture(network.channels, rows * multiple, columns * multiple, torch.float64)

    lr, latent = network.downscale(x)

    assert lr.shape == (
        1,
        network.channels,
        x.shape[2] // network.scale,
        x.shape[3] // network.scale,
    )
    assert latent.shape[1] == network.latent_channels
    assert error(network, x) < 1e-12


def test_a_batch_comes_back_in_channels_last(perturb: Perturb, picture: Picture) -> None:
    network = perturb(IRRM(4, [1, 2]))
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    x = picture(3, 32, 40).expand(3, -1, -1, -1).contiguous(memory_format=torch.channels_last)

    assert error(network, x) < 1e-5


def test_the_coupling_comes_back_when_its_subnets_run_in_bfloat16(
    perturb: Perturb, picture: Picture
) -> None:
    """Subnets may lose precision, as long as both directions lose the same."""
    network = perturb(IRRM(2, [3]))
    x = picture(3, 32, 32)

    with torch.autocast("cpu", dtype=torch.bfloat16):
        lr, latent = network.downscale(x)
        back = network.restore(lr, latent)

    assert lr.dtype == torch.float32
    assert back.dtype == torch.float32
    # Rounding at a cut of bfloat16 can amplify float noise to a bfloat16 step of a subnet's output.
    assert (back - x).abs().max() < 5e-3


class Constant(nn.Module):
    """A subnet whose output is far out of any bound."""

    def __init__(self, value: float, channels: int) -> None:
        super().__init__()
        self.value = value
        self.channels = channels

    def forward(self, x: Tensor) -> Tensor:
        return torch.full_like(x[:, :1], self.value).repeat(1, self.channels, 1, 1)


@pytest.mark.parametrize("clamp", [1.0, 0.5])
@pytest.mark.parametrize("sign", [-1, 1])
def test_the_scale_of_a_coupling_is_bounded(clamp: float, sign: int) -> None:
    coupling = AffineCoupling(
        1, F=Constant(0, 1), G=Constant(0, 2), H=Constant(sign * 1e6, 2), clamp=clamp
    )
    x = torch.ones(1, 3, 2, 2)

    y = coupling(x)

    expected = torch.tensor(sign * clamp).exp()
    torch.testing.assert_close(y[:, 1:], expected.expand(1, 2, 2, 2))
    torch.testing.assert_close(coupling.inverse(y), x)


def test_a_coupling_follows_irns_equations() -> None:
    coupling = AffineCoupling(1, F=Constant(0.25, 1), G=Constant(0.5, 1), H=Constant(0.8, 1))
    x = torch.tensor([0.1, 0.2]).view(1, 2, 1, 1)

    low, high = coupling(x).flatten().tolist()

    s = 2 / (1 + 2.718281828459045**-0.8) - 1
    assert low == pytest.approx(0.35)
    assert high == pytest.approx(0.2 * 2.718281828459045**s + 0.5)
