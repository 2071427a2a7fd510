"""Features of VGG19, for those who have torchvision."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from irrm_core.errors import UsageError

#: Modules of torchvision's ``vgg19().features`` up to and with conv5_4, without its ReLU.
_UP_TO_CONV5_4 = 35
_MEAN = (0.485, 0.456, 0.406)
_STD = (0.229, 0.224, 0.225)


class VGG19Features(nn.Module):
    """What conv5_4 of VGG19 says before its activation (ESRGAN, IRN+, FIRN+).

    Trained on ImageNet; torchvision fetches the weights when they are first needed. Pictures
    are normalised as ImageNet's are, and gray ones tripled.

    Raises
    ------
    UsageError
        torchvision is not installed, or its weights cannot be had.
    """

    mean: Tensor
    std: Tensor

    def __init__(self) -> None:
        super().__init__()
        try:
            from torchvision import models
        except (ImportError, RuntimeError) as error:
            # RuntimeError is what a torchvision for another torch answers with.
            raise UsageError(
                f"features of VGG19 need torchvision, which cannot be imported: {error}; install "
                'the version for your torch, or set perceptual.features = "discriminator"'
            ) from error
        try:
            vgg = models.vgg19(weights=models.VGG19_Weights.IMAGENET1K_V1)
        except (OSError, RuntimeError) as error:
            raise UsageError(
                f"the weights of VGG19 cannot be had: {error}; download them where there is a "
                f"network and put them into {torch.hub.get_dir()}/checkpoints"
            ) from error
        self.layers = vgg.features[:_UP_TO_CONV5_4].eval().requires_grad_(False)
        self.register_buffer("mean", torch.tensor(_MEAN).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(_STD).view(1, 3, 1, 1))

    def forward(self, pictures: Tensor) -> Tensor:
        """Map (N, C, H, W) in [0, 1], C being 1 or 3, to (N, 512, H/16, W/16)."""
        features: Tensor = self.layers((pictures - self.mean) / self.std)
        return features
