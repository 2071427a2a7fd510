"""Models measured on folders of images: by the published protocol, and in units of the data."""

from __future__ import annotations

from irrm_core.evaluation.folder import evaluate_folder
from irrm_core.evaluation.page import check_page, write_page
from irrm_core.evaluation.result import Evaluation, FailedImage, ImageScore, IntensityScore
from irrm_core.evaluation.surveying import Survey, survey
from irrm_core.evaluation.tables import headed, tables

__all__ = [
    "Evaluation",
    "FailedImage",
    "ImageScore",
    "IntensityScore",
    "Survey",
    "check_page",
    "evaluate_folder",
    "headed",
    "survey",
    "tables",
    "write_page",
]
