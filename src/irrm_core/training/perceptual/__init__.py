"""Training for looks: a discriminator, its games, and features to compare pictures by."""

from __future__ import annotations

from irrm_core.training.perceptual.adversarial import (
    AdversarialLoss,
    RelativisticGAN,
    VanillaGAN,
)
from irrm_core.training.perceptual.contextual import contextual_loss
from irrm_core.training.perceptual.discriminator import Discriminator
from irrm_core.training.perceptual.features import Features, feature_l1
from irrm_core.training.perceptual.objective import Perceptual
from irrm_core.training.perceptual.vgg19 import VGG19Features

__all__ = [
    "AdversarialLoss",
    "Discriminator",
    "Features",
    "Perceptual",
    "RelativisticGAN",
    "VGG19Features",
    "VanillaGAN",
    "contextual_loss",
    "feature_l1",
]
