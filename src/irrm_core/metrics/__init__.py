"""Quality, measured as the field publishes it."""

from __future__ import annotations

from irrm_core.metrics.bicubic import bicubic
from irrm_core.metrics.psnr import luma, psnr

__all__ = ["bicubic", "luma", "psnr"]
