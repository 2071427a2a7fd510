"""Why a layer is not saved."""

from __future__ import annotations

from irrm_core.errors import IrrmError


class LayerNotSavedError(IrrmError, OSError):
    """A layer that cannot become an LR file, or not one of this name.

    No `ValueError`, as such errors elsewhere are: napari takes that for the lack of a writer,
    and what it says is lost.
    """
