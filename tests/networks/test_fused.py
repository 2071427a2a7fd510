"""The network prepared for inference gives what the network gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from irrm_core.networks import RescalingNetwork, build, fuse, fused, packed

Picture = Callable[..., Tensor]
Perturb = Callable[..., RescalingNetwork]

NETWORKS: dict[str, tuple[str, dict[str, Any]]] = {
    "irn-x2": ("irn", {"scale": 2, "blocks": [2]}),
    "irn-x3": ("irn", {"scale": 3, "blocks": [2]}),
    "irn-x4": ("irn", {"scale": 4, "blocks": [1, 2]}),
    "irrm-x4": ("irrm", {"scale": 4, "blocks": [1, 2]}),
    "irrm-gray-x2": ("irrm", {"scale": 2, "blocks": [1], "channels": 1, "deeper_blocks": 2}),
    "irrm-x2-deeper": ("irrm", {"scale": 2, "blocks": [1], "deeper_blocks": 2}),
    "firn-x4": ("firn", {"scale": 4, "blocks": [2, 1]}),
}
SIZES = [(1, 1), (3, 1), (5, 7), (11, 6)]


@pytest.fixture(params=NETWORKS)
def network(request: pytest.FixtureRequest, perturb: Perturb) -> RescalingNetwork:
    architecture, parameters = NETWORKS[request.param]
    torch.manual_seed(1)
    return perturb(build(architecture, parameters))


def _difference(a: Tensor, b: Tensor) -> float:
    return float((a - b).abs().max())


def _latent(like: Tensor) -> Tensor:
    noise = torch.randn(like.shape, generator=torch.Generator().manual_seed(5))
    return 0.05 * noise.to(like.dtype)


@pytest.mark.parametrize("size", SIZES)
def test_it_downscales_and_restores_as_the_plain_network(
    network: RescalingNetwork, picture: Picture, size: tuple[int, int]
) -> None:
    fast = fuse(network)
    multiple = network.size_multiple
    x = picture(network.channels, size[0] * multiple, size[1] * multiple)
    lr, latent = network.downscale(x)
    fast_lr, fast_latent = fast.downscale(x)
    assert _difference(fast_lr, lr) < 1e-5
    assert _difference(fast_latent, latent) < 1e-5
    other = _latent(latent)
    assert _difference(fast.restore(lr, other), network.restore(lr, other)) < 2e-5
    assert (fast.scale, fast.channels) == (network.scale, network.channels)
    assert fast.size_multiple == network.size_multiple


@pytest.mark.parametrize("precision", [torch.float32, torch.float64])
def test_it_undoes_itself_with_the_true_latent(
    network: RescalingNetwork, picture: Picture, precision: torch.dtype
) -> None:
    fast = fuse(network.to(precision))
    multiple = network.size_multiple
    x = picture(network.channels, 9 * multiple, 7 * multiple, precision)
    lr, latent = fast.downscale(x)
    assert lr.dtype == precision
    tolerance = 1e-5 if precision == torch.float32 else 1e-12
    assert _difference(fast.restore(lr, latent), x) < tolerance


def test_subnets_in_bfloat16_change_little_and_leave_the_coupling_in_float32(
    network: RescalingNetwork, picture: Picture
) -> None:
    fast = fuse(network)
    multiple = network.size_multiple
    x = picture(network.channels, 12 * multiple, 9 * multiple)
    lr, latent = network.downscale(x)
    other = _latent(latent)
    with torch.autocast("cpu", torch.bfloat16):
        fast_lr, _ = fast.downscale(x)
        restored = fast.restore(lr, other)
        plainly = network.restore(lr, other)
    assert fast_lr.dtype == restored.dtype == torch.float32
    exact = network.restore(lr, other)
    # No worse than the plain network under the same autocast, give or take rounding.
    assert _difference(restored, exact) < 2 * _difference(plainly, exact) + 1e-3
    assert 0 < _difference(fast_lr, lr) < 0.02


def test_tiles_show_no_seam(
    network: RescalingNetwork, picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    multiple = network.size_multiple
    x = picture(network.channels, 34 * multiple, 23 * multiple)
    fast = fuse(network)
    whole = fast.downscale(x)
    monkeypatch.setattr(fused, "TILE_BYTES", 40_000)
    tiled = fast.downscale(x)
    assert _difference(tiled[0], whole[0]) < 1e-5
    assert _difference(tiled[1], whole[1]) < 1e-5
    assert _difference(fast.restore(*tiled), x) < 1e-5


def test_a_batch_gives_what_its_images_give(network: RescalingNetwork, picture: Picture) -> None:
    fast = fuse(network)
    multiple = network.size_multiple
    x = picture(network.channels, 8 * multiple, 6 * multiple)
    batch = torch.cat((x, x.flip(2), x.flip(3)))
    together, _ = fast.downscale(batch)
    one_by_one = torch.cat([fast.downscale(image[None])[0] for image in batch])
    assert _difference(together, one_by_one) < 1e-5


def test_without_fused_operators_it_still_agrees(
    network: RescalingNetwork, picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed, "has_fused_convolution", lambda dtype: False)
    multiple = network.size_multiple
    x = picture(network.channels, 6 * multiple, 5 * multiple)
    assert _difference(fuse(network).downscale(x)[0], network.downscale(x)[0]) < 1e-5


def test_a_missing_operator_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*arguments: object) -> Tensor:
        raise AttributeError("no such operator")

    monkeypatch.setattr(packed, "_fused_convolution", gone)
    assert not packed.has_fused_convolution.__wrapped__(torch.float32)


def test_the_network_stays_as_it_was(network: RescalingNetwork, picture: Picture) -> None:
    network.train().requires_grad_(True)
    x = picture(network.channels, 4 * network.size_multiple, 4 * network.size_multiple)
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    strides = {name: tensor.stride() for name, tensor in network.state_dict().items()}
    fast = fuse(network)
    expected, _ = fast.downscale(x)
    after = network.state_dict()
    assert network.training
    assert all(parameter.requires_grad for parameter in network.parameters())
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert all(strides[name] == after[name].stride() for name in before)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(2)
    assert torch.equal(fast.downscale(x)[0], expected)


def test_the_image_that_is_given_is_not_written_to(
    network: RescalingNetwork, picture: Picture
) -> None:
    fast = fuse(network)
    x = picture(network.channels, 4 * network.size_multiple, 4 * network.size_multiple)
    kept = x.clone()
    lr, latent = fast.downscale(x)
    copies = lr.clone(), latent.clone()
    fast.restore(lr, latent)
    assert torch.equal(x, kept)
    assert torch.equal(lr, copies[0])
    assert torch.equal(latent, copies[1])


@pytest.mark.gpu
def test_it_agrees_on_a_gpu(network: RescalingNetwork, picture: Picture) -> None:
    if not torch.cuda.is_available():
        pytest.skip("needs a CUDA device")
    x = picture(network.channels, 12 * network.size_multiple, 9 * network.size_multiple)
    lr, latent = network.downscale(x)
    fast = fuse(network).to("cuda")
    tf32 = torch.backends.cudnn.allow_tf32
    torch.backends.cudnn.allow_tf32 = False
    try:
        fast_lr, _ = fast.downscale(x.cuda())
        restored = fast.restore(lr.cuda(), latent.cuda())
    finally:
        torch.backends.cudnn.allow_tf32 = tf32
    assert _difference(fast_lr.cpu(), lr) < 1e-4
    assert _difference(restored.cpu(), x) < 1e-4
