"""Models measured on folders of images: by the published protocol, and in units of the data."""

from __future__ import annotations

from irrm_core.evaluation.folder import evaluate_folder
from irrm_core.evaluation.result import Evaluation, ImageScore, IntensityScore

__all__ = ["Evaluation", "ImageScore", "IntensityScore", "evaluate_folder"]
