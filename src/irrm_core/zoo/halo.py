"""How much context a tile needs, measured.

What a network can see reaches over hundreds of pixels, what it does see falls off tenfold
with each LR pixel. So a tile is cut out of a picture, computed alone, and compared with the
same region of the whole: the deviation at each distance from the cut gives the halo.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from irrm_core.networks import RescalingNetwork, quantise
from irrm_core.zoo.card import Halo, LatentPolicy

TOLERANCE = 1e-6
"""Deviation, in the range of the image, that counts as seamless."""

MARGIN = 4
"""LR pixels added to the smallest seamless halo."""

# LR pixels: side of the first region tried, and what is left out around the tile.
_SIDE = 64
_OUTSIDE = 12
_LARGEST_SIDE = 512

_Direction = Callable[[Tensor, Tensor], Tensor]


def measure_halo(
    network: RescalingNetwork,
    latent: LatentPolicy,
    images: Sequence[NDArray[np.float64]] | None = None,
) -> Halo:
    """Measure the halo of a network for each direction.

    In double precision, so that rounding does not hide the fall-off. A network that needs
    more context than the largest picture has gets its whole receptive field, which is exact.

    Parameters
    ----------
    network : RescalingNetwork
        Left as it is.
    latent : LatentPolicy
        What it is fed when restoring.
    images : sequence of ndarray, optional
        (H, W) or (H, W, C) in [0, 1]; real pictures are best. By default a synthetic one
        with edges, lines and texture at all sizes.

    Returns
    -------
    Halo
        The smallest with a deviation under 1e-6 in the inside of a tile, plus 4, rounded up
        to where a tile may start.
    """
    exact = copy.deepcopy(network).cpu().double().requires_grad_(False)
    pictures = [_default_picture(network.scale)] if images is None else list(images)
    if not pictures:
        raise ValueError("no picture to measure the halo on")
    reaches = [_reaches(exact, latent, _batch(picture, network.channels)) for picture in pictures]
    step = network.size_multiple // network.scale
    downscale, restore = (
        -(-(_longest(direction, exact) + MARGIN) // step) * step
        for direction in zip(*reaches, strict=True)
    )
    return Halo(downscale, restore)


class _Reach(NamedTuple):
    """How far a cut was felt in a picture: `needed` LR pixels, of `seen` that could be told."""

    needed: int
    seen: int

    @property
    def ended(self) -> bool:
        return self.needed <= self.seen


def _longest(reaches: Sequence[_Reach], network: RescalingNetwork) -> int:
    """Return the longest reach, if it ended inside one of the pictures."""
    longest = max(reach.needed for reach in reaches)
    if any(reach.ended and reach.needed == longest for reach in reaches):
        return longest
    return receptive_halo(network)


def _reaches(
    network: RescalingNetwork, latent: LatentPolicy, picture: Tensor
) -> tuple[_Reach, _Reach]:
    """Measure downscaling and restoring on regions of a picture until both reaches end."""
    generator = torch.Generator().manual_seed(0)

    def restore(lr: Tensor, z: Tensor) -> Tensor:
        return network.restore(lr, z)

    def downscale(x: Tensor, _: Tensor) -> Tensor:
        return network.downscale(x)[0]

    side = _SIDE
    while True:
        x = _centre(picture, side * network.scale, network.size_multiple)
        with torch.inference_mode():
            lr = quantise(network.downscale(x)[0])
            shape = (1, network.latent_channels, *lr.shape[2:])
            z = torch.randn(shape, generator=generator, dtype=x.dtype) * latent.std
            if latent.kind == "zero":
                z.zero_()
            found = (_fall_off(network, downscale, x, z), _fall_off(network, restore, lr, z))
        whole_picture = max(x.shape[2:]) < side * network.scale
        if all(reach.ended for reach in found) or whole_picture or side >= _LARGEST_SIDE:
            return found
        side *= 2


def _fall_off(network: RescalingNetwork, direction: _Direction, x: Tensor, z: Tensor) -> _Reach:
    """Measure how far from a cut it is felt."""
    step = network.size_multiple // network.scale
    outside = -(-_OUTSIDE // step) * step
    height, width = z.shape[2:]
    if min(height, width) <= 2 * outside + step:
        return _Reach(0, -1)
    factor = x.shape[2] // height
    tile = direction(_crop(x, outside * factor), _crop(z, outside))
    whole = direction(x, z)
    whole = _crop(whole, outside * (whole.shape[2] // height))
    deviation = (tile - whole).abs().amax(dim=(0, 1))
    rows, columns = height - 2 * outside, width - 2 * outside
    deviation = deviation.view(rows, deviation.shape[0] // rows, columns, -1).amax(dim=(1, 3))
    distance = torch.minimum(_to_edge(rows)[:, None], _to_edge(columns)[None, :])
    felt = distance[deviation >= TOLERANCE]
    return _Reach(int(felt.max()) + 1 if felt.numel() else 0, int(distance.max()))


def _to_edge(length: int) -> Tensor:
    index = torch.arange(length)
    return torch.minimum(index, length - 1 - index)


def _crop(x: Tensor, border: int) -> Tensor:
    return x[:, :, border : x.shape[2] - border, border : x.shape[3] - border]


def _centre(picture: Tensor, side: int, multiple: int) -> Tensor:
    sizes = [min(side, length) // multiple * multiple for length in picture.shape[2:]]
    if min(sizes) == 0:
        raise ValueError(f"a picture to measure the halo on is smaller than {multiple} pixels")
    top, left = ((n - size) // 2 for n, size in zip(picture.shape[2:], sizes, strict=True))
    return picture[:, :, top : top + sizes[0], left : left + sizes[1]]


def _batch(picture: NDArray[np.float64], channels: int) -> Tensor:
    values = np.asarray(picture, dtype=np.float64)
    if values.ndim == 2:
        values = values[:, :, None]
    if values.shape[2] < channels:
        values = np.repeat(values[:, :, :1], channels, axis=2)
    return torch.from_numpy(np.ascontiguousarray(values[:, :, :channels].transpose(2, 0, 1)))[None]


def receptive_halo(network: RescalingNetwork) -> int:
    """Return the LR pixels over which a network can see at all, the larger of both directions.

    One NaN in a strip of zeros spreads exactly as far as anything can.
    """
    scale, multiple = network.scale, network.size_multiple
    parameter = next(network.parameters())
    length = 64 * multiple
    while True:
        with torch.inference_mode():
            x = parameter.new_zeros(1, network.channels, multiple, length)
            x[..., length // 2] = torch.nan
            lr, latent = network.downscale(x)
            y = parameter.new_zeros(lr.shape)
            y[..., lr.shape[3] // 2] = torch.nan
            back = network.restore(y, torch.zeros_like(latent))
        # Where the network pairs LR pixels, the other one of a pair may reach one further.
        reach = max(_reach(lr, 1), _reach(back, scale)) + multiple // scale - 1
        if reach < length // scale // 2 - multiple:
            return reach
        length *= 2


def _reach(x: Tensor, factor: int) -> int:
    """Farthest LR pixel from the central one that has a NaN."""
    columns = torch.nonzero(x.isnan().any(dim=1).any(dim=1)[0]) // factor
    return int((columns - x.shape[3] // factor // 2).abs().max())


def _default_picture(scale: int) -> NDArray[np.float64]:
    # Room for the region to grow twice, as far as that stays quick.
    return synthetic_picture(min(4 * _SIDE * scale, 1024))


def synthetic_picture(side: int) -> NDArray[np.float64]:
    """Make a picture with edges, lines and texture at all sizes, the same each time.

    Returns
    -------
    ndarray
        (side, side, 3), float64 in [0, 1].
    """
    random = np.random.default_rng(20240801)
    frequency = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None, :])
    frequency[0, 0] = 1.0 / side
    planes = []
    shared = random.standard_normal((side, side))
    for _ in range(3):
        noise = shared + 0.3 * random.standard_normal((side, side))
        plane = np.fft.irfft2(np.fft.rfft2(noise) / frequency**1.2, s=(side, side))
        planes.append(0.5 + 0.18 * (plane - plane.mean()) / plane.std())
    picture = np.stack(planes, axis=-1)
    for _ in range(1 + side**2 // 1000):
        top, left = random.integers(0, side, 2)
        height, width = random.integers(1, 50, 2)
        picture[top : top + height, left : left + width] = random.random(3)
    return picture.clip(0.0, 1.0)
