"""How results are shown: the keyword arguments of ``add_image``, data and metadata apart."""

from __future__ import annotations

from typing import Any

from irrm_core.engine import RestoreRecord
from napari.layers import Image

from napari_irrm.layers.image import LayerImage
from napari_irrm.layers.provenance import Display


def display_of(layer: Image) -> Display:
    """Return how an original is shown, to be kept in the provenance of its LR."""
    raise NotImplementedError


def lr_arguments(layer: Image, image: LayerImage, record: RestoreRecord) -> dict[str, Any]:
    """Return how the LR of a layer is added to the viewer."""
    raise NotImplementedError


def restored_arguments(
    layer: Image, record: RestoreRecord, *, of: Image | None = None
) -> dict[str, Any]:
    """Return how the restoration of an LR layer is added; `of` is the original, if still there."""
    raise NotImplementedError


def difference_arguments(original_layer: Image, largest: float) -> dict[str, Any]:
    """Return how the difference to an original is added: signed, symmetric, no RGB."""
    raise NotImplementedError
