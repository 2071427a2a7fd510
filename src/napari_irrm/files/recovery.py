"""The record of a layer that napari's own reader opened from an LR file."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari.layers import Layer

    from napari_irrm.layers import Provenance


def recover(layer: Layer) -> Provenance | None:
    """Return what restores a layer, by the file that it was opened from; None if nothing does."""
    raise NotImplementedError
