"""What the discriminator's verdicts cost: the vanilla and the relativistic average GAN.

Both are functions of the discriminator's logits C(y) of original pictures and C(ŷ) of restored
ones, before any sigmoid σ.
"""

from __future__ import annotations

from typing import Literal, Protocol

import torch.nn.functional as fn
from torch import Tensor


class AdversarialLoss(Protocol):
    """The two sides of one game."""

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return what the discriminator minimises, a scalar."""

    def generator(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return what the generator minimises, a scalar."""


class VanillaGAN:
    """The first GAN (Goodfellow et al., 2014), which IRN+ uses."""

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """``L_D = −E_y[log σ(C(y))] − E_ŷ[log(1 − σ(C(ŷ)))]``.

        Parameters
        ----------
        real, fake : Tensor
            (N,) logits of original and of restored patches.
        """
        return _called(real, real=True) + _called(fake, real=False)

    def generator(self, real: Tensor, fake: Tensor) -> Tensor:
        """``L_G = −E_ŷ[log σ(C(ŷ))]``: the form whose gradient does not vanish at the start.

        Parameters
        ----------
        real, fake : Tensor
            (N,) logits; those of the originals have no part in it.
        """
        return _called(fake, real=True)


class RelativisticGAN:
    """The relativistic average GAN of ESRGAN and FIRN+ (FIRN, equations 2 and 3).

    The discriminator tells how much more real a picture is than the average of the others:
    ``D_Ra(y, ŷ) = σ(C(y) − E_ŷ[C(ŷ)])``. The two sides are the same game with the parts
    exchanged, so that the generator learns from the originals too.
    """

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """``L_D = −E_y[log D_Ra(y, ŷ)] − E_ŷ[log(1 − D_Ra(ŷ, y))]``.

        Parameters
        ----------
        real, fake : Tensor
            (N,) logits of original and of restored patches.
        """
        return _called(real - fake.mean(), real=True) + _called(fake - real.mean(), real=False)

    def generator(self, real: Tensor, fake: Tensor) -> Tensor:
        """``L_G = −E_y[log(1 − D_Ra(y, ŷ))] − E_ŷ[log D_Ra(ŷ, y)]``.

        Parameters
        ----------
        real, fake : Tensor
            (N,) logits of original and of restored patches.
        """
        return self.discriminator(fake, real)


def adversarial_loss(kind: Literal["ragan", "vanilla"]) -> AdversarialLoss:
    """Return the game of a name in a recipe."""
    return RelativisticGAN() if kind == "ragan" else VanillaGAN()


def _called(logits: Tensor, *, real: bool) -> Tensor:
    """Cost of not calling all of them real, or not real: the mean of −log σ(±logit)."""
    return fn.softplus(-logits if real else logits).mean()
