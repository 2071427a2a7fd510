"""What the reverse pass is fed while a network is trained and measured."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from irrm_core.zoo import LatentPolicy

# Of the random numbers that are used here: patches are drawn with others.
_NOISE = 2


def fed_latent(latent: Tensor, policy: LatentPolicy, *key: int) -> Tensor:
    """Return what takes the place of a latent: zeros, or noise that is a function of the key.

    Parameters
    ----------
    latent : Tensor
        (N, C·(s²−1), h, w): what the forward pass split off; its values are not used.
    policy : LatentPolicy
        Zero, or gaussian with a standard deviation.
    key : int
        Numbers that are 0 or more. The same key gives the same noise, so that a resumed run
        sees what an uninterrupted one would have seen.

    Returns
    -------
    Tensor
        Of the shape, dtype and device of `latent`.
    """
    if policy.kind == "zero":
        return torch.zeros_like(latent)
    noise = np.random.default_rng([*key, _NOISE]).standard_normal(latent.shape, dtype=np.float32)
    return torch.from_numpy(noise).to(latent).mul_(policy.std)
