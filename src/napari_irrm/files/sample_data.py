"""Images to try the plugin on, bundled with it."""

from __future__ import annotations

from napari_irrm.files.reader import LayerTuple


def photograph() -> list[LayerTuple]:
    """Return a photograph."""
    raise NotImplementedError


def stack() -> list[LayerTuple]:
    """Return a small stack of 16 bits, simulated, with its physical scale."""
    raise NotImplementedError
