"""What a network computes before any training: a wavelet transform that can be written down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from irrm_core.networks import FIRN, IRN, IRRM, HaarDownsampling

Picture = Callable[..., Tensor]


def box_mean(image: NDArray[np.float64], scale: int) -> NDArray[np.float64]:
    n, c, h, w = image.shape
    return image.reshape(n, c, h // scale, scale, w // scale, scale).mean(axis=(3, 5))


def line_through_neighbours(image: NDArray[np.float64]) -> NDArray[np.float64]:
    """Double an image by what a straight line through neighbouring means says.

    Along an axis the two halves of a pixel get m − d and m + d with
    d = (next − previous)/8, the ends repeated; columns first, then rows of the result.
    """
    for axis in (2, 3):
        before = np.concatenate([image.take([0], axis), image], axis).take(
            range(image.shape[axis]), axis
        )
        after = np.concatenate([image, image.take([-1], axis)], axis).take(
            range(1, image.shape[axis] + 1), axis
        )
        slope = (after - before) / 8
        image = np.stack([image - slope, image + slope], axis + 1).reshape(
            [n * (2 if k == axis else 1) for k, n in enumerate(image.shape)]
        )
    return image


@pytest.mark.parametrize("scale", [2, 3, 4, 8])
def test_a_fresh_irn_downscales_to_the_box_mean(scale: int, picture: Picture) -> None:
    x = picture(3, 24, 48, torch.float64)

    lr, latent = IRN(scale).double().downscale(x)

    assert latent.shape == (1, 3 * (scale**2 - 1), 24 // scale, 48 // scale)
    np.testing.assert_allclose(lr.detach().numpy(), box_mean(x.numpy(), scale), atol=1e-8)


@pytest.mark.parametrize("scale", [2, 4, 8])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_fresh_irn_restores_a_zero_latent_to_the_nearest_neighbour(
    scale: int, channels: int, picture: Picture
) -> None:
    lr = picture(channels, 6, 5, torch.float64)
    network = IRN(scale, channels=channels).double()

    hr = network.restore(lr, lr.new_zeros(1, network.latent_channels, 6, 5))

    expected = lr.numpy().repeat(scale, axis=2).repeat(scale, axis=3)
    np.testing.assert_allclose(hr.detach().numpy(), expected, atol=1e-12)


IRRM_KINDS: list[dict[str, Any]] = [
    {"scale": 2, "blocks": [2]},
    {"scale": 2, "blocks": [1], "deeper_blocks": 2},
    {"scale": 4, "blocks": [1, 2]},
    {"scale": 4, "blocks": [1, 1], "channels": 1},
    {"scale": 8, "blocks": [1, 1, 1]},
]


@pytest.mark.parametrize("parameters", IRRM_KINDS, ids=str)
def test_a_fresh_irrm_downscales_to_the_box_mean(
    parameters: dict[str, Any], picture: Picture
) -> None:
    network = IRRM(**parameters, width=8).double()
    x = picture(network.channels, 32, 48, torch.float64)

    lr, _ = network.downscale(x)

    expected = box_mean(x.numpy(), network.scale)
    np.testing.assert_allclose(lr.detach().numpy(), expected, atol=1e-12)


@pytest.mark.parametrize("parameters", IRRM_KINDS, ids=str)
def test_a_fresh_irrm_restores_a_zero_latent_by_its_predictor(
    parameters: dict[str, Any], picture: Picture
) -> None:
    """The innermost module interpolates; the outer ones predict from the LR they were given.

    At x4 the outer low band is the interpolated LR, whose details the outer predictor gives.
    """
    network = IRRM(**parameters, width=8).double()
    lr = picture(network.channels, 8, 6, torch.float64)

    hr = network.restore(lr, lr.new_zeros(1, network.latent_channels, 8, 6))

    expected = lr.numpy()
    for _ in range(network.scale.bit_length() - 1):
        expected = line_through_neighbours(expected)
    np.testing.assert_allclose(hr.detach().numpy(), expected, atol=1e-12)


def test_a_fresh_irrm_leaves_no_latent_of_a_straight_ramp_inside() -> None:
    ramp = torch.linspace(0, 1, 64, dtype=torch.float64).repeat(1, 3, 32, 1)
    ramp = ramp + torch.linspace(0, 0.5, 32, dtype=torch.float64)[:, None]

    _, latent = IRRM(2, [1], width=8).double().downscale(ramp)

    assert latent[..., 1:-1, 1:-1].abs().max() < 1e-12


def test_haar_orders_its_output_band_by_band() -> None:
    x = torch.tensor([[1.0, 2.0], [3.0, 5.0]]).expand(1, 2, 2, 2) * torch.tensor([1.0, 10.0]).view(
        1, 2, 1, 1
    )

    bands = HaarDownsampling(2)(x).flatten()

    # mean, left minus right, top minus bottom, diagonal: each of both channels
    expected = [2.75, 27.5, -0.75, -7.5, -1.25, -12.5, 0.25, 2.5]
    torch.testing.assert_close(bands, torch.tensor(expected))


def test_haar_computes_what_its_published_kernels_say(picture: Picture) -> None:
    x = picture(3, 10, 14, torch.float64)
    haar = HaarDownsampling(3).double()

    convolved = torch.nn.functional.conv2d(x, haar.haar_weights, stride=2, groups=3) / 4
    band_major = convolved.view(1, 3, 4, 5, 7).transpose(1, 2).reshape(1, 12, 5, 7)

    torch.testing.assert_close(haar(x), band_major)


def test_a_fresh_firn_is_not_the_identity(picture: Picture) -> None:
    """FIRN's published blocks have no zero start: its fresh LR is no box mean."""
    x = picture(3, 16, 16)

    lr, _ = FIRN(2).downscale(x)

    assert not np.allclose(lr.detach().numpy(), box_mean(x.numpy(), 2), atol=1e-3)
