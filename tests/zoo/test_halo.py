"""A tile with its halo cannot be told from the whole picture."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from irrm_core.networks import RescalingNetwork, build
from irrm_core.zoo import LatentPolicy, measure_halo
from irrm_core.zoo.halo import MARGIN, receptive_halo, synthetic_picture

ZERO = LatentPolicy("zero")


def trained(architecture: str, parameters: dict[str, Any]) -> RescalingNetwork:
    """Build a network whose blocks do something, as much as a trained one's do."""
    torch.manual_seed(1)
    network = build(architecture, parameters)
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if name.split(".")[-2] in ("tail", "conv5"):
                parameter.normal_(std=0.02)
    return network.requires_grad_(False).eval()


def test_a_fresh_haar_network_needs_no_context_but_the_margin() -> None:
    halo = measure_halo(build("irn", {"scale": 4, "blocks": [1, 1], "growth": 4}), ZERO)

    assert (halo.downscale, halo.restore) == (MARGIN, MARGIN)


def test_the_long_skip_needs_one_lr_pixel_when_restoring() -> None:
    halo = measure_halo(build("irrm", {"scale": 2, "blocks": [0]}), ZERO)

    assert (halo.downscale, halo.restore) == (MARGIN, MARGIN + 1)


@pytest.mark.parametrize("latent", [ZERO, LatentPolicy("gaussian")], ids=str)
@pytest.mark.parametrize(
    ("architecture", "parameters"),
    [
        ("irrm", {"scale": 4, "blocks": [1, 2], "width": 8}),
        ("irrm", {"scale": 2, "blocks": [1], "width": 8, "channels": 1, "deeper_blocks": 2}),
        ("irn", {"scale": 3, "blocks": [2], "growth": 4}),
    ],
    ids=str,
)
def test_a_small_tile_with_the_measured_halo_equals_the_whole(
    architecture: str, parameters: dict[str, Any], latent: LatentPolicy
) -> None:
    network = trained(architecture, parameters)
    halo = measure_halo(network, latent)
    network = network.double()
    s, step = network.scale, network.size_multiple // network.scale
    x = torch.from_numpy(synthetic_picture(128 * s)[::-1, ::-1].copy()).permute(2, 0, 1)[None]
    x = x[:, : network.channels]
    lr, z = network.downscale(x)
    z = torch.randn_like(z) if latent.kind == "gaussian" else torch.zeros_like(z)
    whole = network.restore(lr, z)

    for top, left in [(44, 44), (52, 56), (72, 48)]:
        height, width = 2 * step, 4 * step
        h = halo.downscale
        tile = x[
            :, :, (top - h) * s : (top + height + h) * s, (left - h) * s : (left + width + h) * s
        ]
        inside = network.downscale(tile)[0][:, :, h : h + height, h : h + width]
        expected = lr[:, :, top : top + height, left : left + width]
        assert (inside - expected).abs().max() < 1e-6

        h = halo.restore
        cut = np.s_[:, :, top - h : top + height + h, left - h : left + width + h]
        inside = network.restore(lr[cut], z[cut])
        inside = inside[:, :, h * s : (h + height) * s, h * s : (h + width) * s]
        expected = whole[:, :, top * s : (top + height) * s, left * s : (left + width) * s]
        assert (inside - expected).abs().max() < 1e-6


def test_halos_lie_where_a_tile_may_start() -> None:
    network = trained("irrm", {"scale": 2, "blocks": [1], "width": 4, "deeper_blocks": 1})

    halo = measure_halo(network, ZERO)

    assert network.size_multiple == 4
    assert halo.downscale % 2 == 0
    assert halo.restore % 2 == 0


def test_measuring_leaves_the_network_as_it_is() -> None:
    network = trained("irrm", {"scale": 2, "blocks": [1], "width": 4})
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}

    assert measure_halo(network, ZERO) == measure_halo(network, ZERO)

    for name, tensor in network.state_dict().items():
        assert torch.equal(tensor, before[name])


def test_pictures_of_ones_own_may_be_gray_colour_and_of_any_size() -> None:
    network = trained("irrm", {"scale": 2, "blocks": [1], "width": 4})
    random = np.random.default_rng(0)

    halo = measure_halo(network, ZERO, [random.random((131, 150)), random.random((140, 129, 3))])

    assert halo.restore > MARGIN
    with pytest.raises(ValueError, match="picture"):
        measure_halo(network, ZERO, [])


def test_where_pictures_are_too_small_the_receptive_field_is_the_halo() -> None:
    network = trained("irrm", {"scale": 2, "blocks": [1], "width": 4})
    # Restoring: four convolutions to the details, four back to the low band, the prediction.
    reach = 9

    halo = measure_halo(network, ZERO, [np.random.default_rng(0).random((20, 20, 3))])

    assert receptive_halo(network) == reach
    assert halo.restore == reach + MARGIN


def test_a_small_picture_beside_a_large_one_does_no_harm() -> None:
    network = trained("irrm", {"scale": 2, "blocks": [2], "width": 8})
    large, small = synthetic_picture(200), synthetic_picture(40)

    assert measure_halo(network, ZERO, [large, small]) == measure_halo(network, ZERO, [large])


def test_a_picture_smaller_than_a_block_is_refused() -> None:
    network = build("irrm", {"scale": 8, "blocks": [0, 0, 0]})

    with pytest.raises(ValueError, match="smaller than 8"):
        measure_halo(network, ZERO, [np.zeros((7, 40, 3))])


def test_the_synthetic_picture_is_the_same_each_time_and_in_range() -> None:
    picture = synthetic_picture(64)

    assert picture.shape == (64, 64, 3)
    assert picture.min() >= 0
    assert picture.max() <= 1
    assert picture.std() > 0.1
    np.testing.assert_array_equal(picture, synthetic_picture(64))
