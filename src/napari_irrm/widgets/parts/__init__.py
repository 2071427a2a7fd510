"""Small parts that the plugin's widgets share."""

from napari_irrm.widgets.parts.column import Column, form
from napari_irrm.widgets.parts.layer_choice import LayerChoice
from napari_irrm.widgets.parts.note import Note
from napari_irrm.widgets.parts.section import Section
from napari_irrm.widgets.parts.ties import Ties

__all__ = ["Column", "LayerChoice", "Note", "Section", "Ties", "form"]
