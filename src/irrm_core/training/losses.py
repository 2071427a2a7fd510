"""The three terms of the rescaling loss."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from irrm_core.networks import RescalingNetwork, quantise
from irrm_core.training.latent import fed_latent
from irrm_core.training.patches import Batch
from irrm_core.training.recipe import LossRecipe
from irrm_core.zoo import LatentPolicy


def charbonnier(x: Tensor, reference: Tensor) -> Tensor:
    """Mean of ``√((x − reference)² + 1e-6)``."""
    return torch.sqrt((x - reference) ** 2 + 1e-6).mean()


def l1(x: Tensor, reference: Tensor) -> Tensor:
    """Mean absolute difference."""
    return (x - reference).abs().mean()


def mse(x: Tensor, reference: Tensor) -> Tensor:
    """Mean squared difference, which is what PSNR counts."""
    return ((x - reference) ** 2).mean()


HR_LOSSES = {"l1": l1, "charbonnier": charbonnier, "mse": mse}


@dataclass(frozen=True)
class RoundTrip:
    """A batch taken down and back.

    Attributes
    ----------
    lr : Tensor
        (N, C, P/s, P/s), before it was rounded.
    latent : Tensor
        (N, C·(s²−1), P/s, P/s): what was split off.
    restored : Tensor
        (N, C, P, P), not clamped, from the rounded LR and what was fed for the latent.
    """

    lr: Tensor
    latent: Tensor
    restored: Tensor


def round_trip(
    network: RescalingNetwork, batch: Batch, policy: LatentPolicy, *key: int
) -> RoundTrip:
    """Take a batch through the rounded LR and back, fed with a latent as `fed_latent` makes it."""
    y, z = network.downscale(batch.hr)
    restored = network.restore(quantise(y, batch.levels), fed_latent(z, policy, *key))
    return RoundTrip(y, z, restored)


def rescaling_loss(
    trip: RoundTrip, batch: Batch, recipe: LossRecipe
) -> tuple[Tensor, dict[str, Tensor]]:
    """Sum up what a round trip costs.

    ``L = λ_hr·|x − f⁻¹(Q(y), z')| + λ_lr·‖y − y_ref‖² + λ_z·‖z‖²`` (IRN, equations 6 to 10,
    with means in place of sums), where z' is what the model will be fed.

    Returns
    -------
    total : Tensor
        The weighted sum, a scalar.
    terms : dict
        The three unweighted terms, detached.
    """
    hr = HR_LOSSES[recipe.hr](trip.restored, batch.hr)
    lr = ((trip.lr - batch.lr) ** 2).mean()
    latent = (trip.latent**2).mean()
    total = recipe.hr_weight * hr + recipe.lr_weight * lr + recipe.latent_weight * latent
    return total, {"hr": hr.detach(), "lr": lr.detach(), "latent": latent.detach()}
