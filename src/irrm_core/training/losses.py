"""The three terms of the rescaling loss."""

from __future__ import annotations

import torch
from torch import Tensor

from irrm_core.networks import RescalingNetwork, quantise
from irrm_core.training.patches import Batch
from irrm_core.training.recipe import LossRecipe


def charbonnier(x: Tensor, reference: Tensor) -> Tensor:
    """Mean of ``√((x − reference)² + 1e-6)``."""
    return torch.sqrt((x - reference) ** 2 + 1e-6).mean()


def l1(x: Tensor, reference: Tensor) -> Tensor:
    """Mean absolute difference."""
    return (x - reference).abs().mean()


HR_LOSSES = {"l1": l1, "charbonnier": charbonnier}


def rescaling_loss(
    network: RescalingNetwork, batch: Batch, recipe: LossRecipe
) -> tuple[Tensor, dict[str, Tensor]]:
    """One round trip through the rounded LR with a zero latent, and what it costs.

    ``L = |x − f⁻¹(Q(y), 0)| + λ_lr·‖y − y_ref‖² + λ_z·‖z‖²`` (IRN, equations 6 to 10,
    with means in place of sums and the latent that the model will be fed).

    Returns
    -------
    total : Tensor
        The weighted sum, a scalar.
    terms : dict
        The three unweighted terms, detached.
    """
    y, z = network.downscale(batch.hr)
    restored = network.restore(quantise(y, batch.levels), torch.zeros_like(z))
    hr = HR_LOSSES[recipe.hr](restored, batch.hr)
    lr = ((y - batch.lr) ** 2).mean()
    latent = (z**2).mean()
    total = hr + recipe.lr_weight * lr + recipe.latent_weight * latent
    return total, {"hr": hr.detach(), "lr": lr.detach(), "latent": latent.detach()}
