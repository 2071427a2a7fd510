"""Features of pictures, and how far two pictures' features are apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol

from torch import Tensor

from irrm_core.training.perceptual.contextual import contextual_loss


class Features(Protocol):
    """What a perceptual loss compares in place of pixels.

    Any callable will do: a pretrained network for one's own kind of images, or a fixed filter
    bank. Gradients must flow through it; its own weights are not trained.
    """

    def __call__(self, pictures: Tensor) -> Tensor:
        """Map pictures to features.

        Parameters
        ----------
        pictures : Tensor
            (N, C, H, W), nominally in [0, 1]; C is that of the network under training.

        Returns
        -------
        Tensor
            (N, F, h, w).
        """


FeatureLoss = Callable[[Tensor, Tensor], Tensor]


def feature_l1(x: Tensor, reference: Tensor) -> Tensor:
    """``L = E|φ(ŷ) − φ(y)|``, the mean over all features and positions (IRN+, ESRGAN)."""
    return (x.float() - reference.float()).abs().mean()


def feature_loss(kind: Literal["contextual", "l1"]) -> FeatureLoss:
    """Return the comparison of a name in a recipe; it takes restored and original features."""
    return contextual_loss if kind == "contextual" else feature_l1
