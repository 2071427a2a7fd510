"""The discriminator as an opponent: it is asked, and it learns."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from irrm_core.training.descent import Descent
from irrm_core.training.perceptual.adversarial import AdversarialLoss
from irrm_core.training.perceptual.discriminator import Discriminator
from irrm_core.training.recipe import OptimiserRecipe


class Adversary:
    """A discriminator with its game and its optimiser.

    Parameters
    ----------
    discriminator : Discriminator
        On its device.
    game : AdversarialLoss
        What either side minimises.
    schedule : OptimiserRecipe
        How the discriminator learns.
    """

    def __init__(
        self, discriminator: Discriminator, game: AdversarialLoss, schedule: OptimiserRecipe
    ) -> None:
        self.discriminator = discriminator
        self.game = game
        self.descent = Descent(discriminator, schedule)

    def judge(self, restored: Tensor, original: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits (N,) of originals and of restored patches, for the network to learn by.

        Gradients pass to the restored patches, (N, C, P, P), and to nothing else.
        """
        with self._fixed() as discriminator:
            with torch.no_grad():
                real = discriminator(original)
            return real, discriminator(restored)

    def features(self, pictures: Tensor) -> Tensor:
        """Return the discriminator's features; gradients pass to the pictures only."""
        with self._fixed() as discriminator:
            return discriminator.features(pictures)

    def learn(
        self,
        restored: Tensor,
        original: Tensor,
        step: int,
        precision: contextlib.AbstractContextManager[Any],
    ) -> dict[str, Tensor] | None:
        """Let the discriminator take a step towards telling restored from original patches.

        Returns
        -------
        dict or None
            Its loss, and the ``margin`` by which it finds originals more real: the difference
            of the mean logits. None if something was not finite, and nothing was learnt.
        """
        with precision:
            real, fake = self.discriminator(original), self.discriminator(restored.detach())
        loss = self.game.discriminator(real, fake)
        if self.descent.step(loss, step) is None:
            return None
        return {"discriminator": loss.detach(), "margin": (real.mean() - fake.mean()).detach()}

    def state_dict(self) -> dict[str, Any]:
        """Return what an exact continuation needs."""
        return {
            "weights": self.discriminator.state_dict(),
            "optimiser": self.descent.state_dict(),
        }

    def resume(self, state: dict[str, Any] | None, step: int) -> None:
        """Go on at a step; without a state, with fresh weights."""
        if state is not None:
            self.discriminator.load_state_dict(state["weights"])
        self.descent.resume(None if state is None else state["optimiser"], step)

    @contextlib.contextmanager
    def _fixed(self) -> Iterator[Discriminator]:
        # Spectral norms are followed by a step of the power iteration each time in training.
        self.discriminator.eval().requires_grad_(False)
        try:
            yield self.discriminator
        finally:
            self.discriminator.train().requires_grad_(True)
