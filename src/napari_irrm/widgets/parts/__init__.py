"""Small parts that the plugin's widgets share."""

from napari_irrm.widgets.parts.choice_box import ChoiceBox
from napari_irrm.widgets.parts.column import Column, form
from napari_irrm.widgets.parts.elided_box import ElidedBox
from napari_irrm.widgets.parts.job_list import JobList, JobRow
from napari_irrm.widgets.parts.job_text import job_text
from napari_irrm.widgets.parts.layer_choice import LayerChoice
from napari_irrm.widgets.parts.note import AMBER, Note
from napari_irrm.widgets.parts.section import Section
from napari_irrm.widgets.parts.still import StillSpinBox
from napari_irrm.widgets.parts.ties import Ties
from napari_irrm.widgets.parts.while_alive import while_alive

__all__ = [
    "AMBER",
    "ChoiceBox",
    "Column",
    "ElidedBox",
    "JobList",
    "JobRow",
    "LayerChoice",
    "Note",
    "Section",
    "StillSpinBox",
    "Ties",
    "form",
    "job_text",
    "while_alive",
]
