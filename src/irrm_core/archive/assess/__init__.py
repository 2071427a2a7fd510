"""Does LR storage pay for a folder? Its files in every form, measured."""

from __future__ import annotations

from irrm_core.archive.assess.assessing import (
    MAX_PIXELS,
    Assessment,
    Terms,
    assess,
    assess_file,
)
from irrm_core.archive.assess.document import document
from irrm_core.archive.assess.models import ModelField
from irrm_core.archive.assess.page import page
from irrm_core.archive.assess.selection import Selection, select
from irrm_core.archive.assess.totals import Totals, totals
from irrm_core.archive.assess.values import FileAssessment, Left, Match, Trial
from irrm_core.archive.assess.verdict import verdict

__all__ = [
    "MAX_PIXELS",
    "Assessment",
    "FileAssessment",
    "Left",
    "Match",
    "ModelField",
    "Selection",
    "Terms",
    "Totals",
    "Trial",
    "assess",
    "assess_file",
    "document",
    "page",
    "select",
    "totals",
    "verdict",
]
