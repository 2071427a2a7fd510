"""Quality, measured as the field publishes it."""

from __future__ import annotations

from irrm_core.metrics.bicubic import bicubic
from irrm_core.metrics.intensity import (
    IntensityComparison,
    IntensityReport,
    compare_intensities,
)
from irrm_core.metrics.protocol import (
    PairScore,
    bicubic_lr,
    bicubic_roundtrip,
    modcrop,
    round8,
    score_pair,
)
from irrm_core.metrics.psnr import luma, psnr
from irrm_core.metrics.sharpness import Sharpness, sharpness
from irrm_core.metrics.ssim import ssim

__all__ = [
    "IntensityComparison",
    "IntensityReport",
    "PairScore",
    "Sharpness",
    "bicubic",
    "bicubic_lr",
    "bicubic_roundtrip",
    "compare_intensities",
    "luma",
    "modcrop",
    "psnr",
    "round8",
    "score_pair",
    "sharpness",
    "ssim",
]
