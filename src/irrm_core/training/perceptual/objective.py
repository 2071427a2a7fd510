"""What a perceptual run strives for: restorations that look like originals."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch

from irrm_core.errors import UsageError
from irrm_core.networks import RescalingNetwork
from irrm_core.training.descent import Descent
from irrm_core.training.losses import RoundTrip, rescaling_loss, round_trip
from irrm_core.training.objective import Terms, subnet_precision
from irrm_core.training.patches import Batch
from irrm_core.training.perceptual.adversarial import adversarial_loss
from irrm_core.training.perceptual.adversary import Adversary
from irrm_core.training.perceptual.discriminator import SMALLEST_SIDE, Discriminator
from irrm_core.training.perceptual.features import Features, feature_loss
from irrm_core.training.perceptual.vgg19 import VGG19Features
from irrm_core.training.recipe import PerceptualRecipe, Recipe


class Perceptual:
    """The rescaling loss, a GAN and a comparison of features (IRN+; FIRN, equation 5).

    ``L = L_rescaling + λ_gan·L_G(x, x̂) + λ_φ·L_φ(φ(x̂), φ(x))``. In the first steps only the
    discriminator learns, and the network's schedule begins after them. The LR is held by its
    own term in the rescaling loss: the two others see the HR alone.

    Parameters
    ----------
    recipe : Recipe
        The whole recipe.
    plan : PerceptualRecipe
        Its perceptual table.
    network : RescalingNetwork
        On its device.
    features : Features, optional
        φ, in place of the recipe's.

    Raises
    ------
    UsageError
        The parts of the recipe do not fit together, or its features cannot be had.
    """

    def __init__(
        self,
        recipe: Recipe,
        plan: PerceptualRecipe,
        network: RescalingNetwork,
        features: Features | None = None,
    ) -> None:
        self.recipe = recipe
        self.plan = plan
        self.network = network
        self.adversary = None if plan.gan == "none" else _adversary(recipe, plan, network)
        self.features: Features | None = None
        if plan.feature_loss != "none":
            self.features = features or self._features_of_recipe()
        elif features is not None:
            raise UsageError(
                f"recipe {recipe.model.name}: features were given, "
                "but perceptual.feature_loss is none"
            )
        self._alone = self._begins = 0 if self.adversary is None else plan.discriminator_alone
        steps = recipe.optimiser.steps - self._alone
        if steps < 1:
            raise UsageError(
                f"recipe {recipe.model.name}: perceptual.discriminator_alone leaves the network "
                f"none of the {recipe.optimiser.steps} steps"
            )
        self.descent = Descent(network, replace(recipe.optimiser, steps=steps))

    def step(self, batch: Batch, step: int) -> Terms | None:
        """Let the network learn, then the discriminator."""
        recipe, begun = self.recipe, step >= self._begins
        with subnet_precision(recipe, batch), torch.set_grad_enabled(begun):
            trip = round_trip(self.network, batch, recipe.loss.latent_policy, recipe.seed, step)
        terms: Terms | None = {}
        if begun:
            terms = self._restore_better(trip, batch, step - self._alone)
        if terms is None or self.adversary is None:
            return terms
        precision = subnet_precision(recipe, batch)
        judged = self.adversary.learn(trip.restored, batch.hr, step, precision)
        return None if judged is None else terms | judged

    def _restore_better(self, trip: RoundTrip, batch: Batch, step: int) -> Terms | None:
        plan, precision = self.plan, subnet_precision(self.recipe, batch)
        total, terms = rescaling_loss(trip, batch, self.recipe.loss)
        if self.adversary is not None:
            with precision:
                real, fake = self.adversary.judge(trip.restored, batch.hr)
            judged = self.adversary.game.generator(real, fake)
            total = total + plan.gan_weight * judged
            terms["gan"] = judged.detach()
        if self.features is not None and plan.feature_loss != "none":
            with precision:
                found = self.features(trip.restored)
                with torch.no_grad():
                    wanted = self.features(batch.hr)
            # Compared in full precision: of cosines near 1 the last digits count.
            apart = feature_loss(plan.feature_loss)(found, wanted)
            total = total + plan.feature_weight * apart
            terms["features"] = apart.detach()
        norm = self.descent.step(total, step)
        return None if norm is None else {**terms, "norm": norm}

    @property
    def rate(self) -> float:
        """The network's learning rate in the last step; 0 before its first."""
        return self.descent.rate

    def state_dict(self) -> dict[str, Any]:
        """Return the states of the network's optimiser and of the discriminator."""
        state = {"network": self.descent.state_dict(), "begins": self._begins}
        if self.adversary is not None:
            state["discriminator"] = self.adversary.state_dict()
        return state

    def resume(self, state: dict[str, Any] | None, step: int) -> None:
        """Go on at a step; without a state the discriminator begins anew, alone."""
        self._begins = step + self._alone if state is None else state["begins"]
        self.descent.resume(None if state is None else state["network"], step)
        if self.adversary is not None:
            self.adversary.resume(None if state is None else state["discriminator"], step)

    def _features_of_recipe(self) -> Features:
        if self.plan.features == "vgg19":
            return VGG19Features().to(next(self.network.parameters()).device)
        if self.adversary is None:
            raise UsageError(
                f"recipe {self.recipe.model.name}: perceptual.features are the discriminator's, "
                "but perceptual.gan is none; choose a gan or other features"
            )
        return self.adversary.features


def _adversary(recipe: Recipe, plan: PerceptualRecipe, network: RescalingNetwork) -> Adversary:
    if recipe.data.patch < SMALLEST_SIDE:
        raise UsageError(
            f"recipe {recipe.model.name}: data.patch is {recipe.data.patch}, "
            f"but a discriminator takes at least {SMALLEST_SIDE}"
        )
    assert plan.gan != "none"
    discriminator = Discriminator(network.channels, plan.discriminator_width)
    discriminator.to(
        next(network.parameters()).device,
        memory_format=torch.channels_last,  # type: ignore[call-overload]
    )
    schedule = replace(
        recipe.optimiser,
        method="adam",
        learning_rate=plan.discriminator_learning_rate,
        final_fraction=1.0,
        betas=plan.discriminator_betas,
    )
    return Adversary(discriminator, adversarial_loss(plan.gan), schedule)
