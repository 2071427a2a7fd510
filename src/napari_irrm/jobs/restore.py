"""The work that restores a layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_irrm.jobs.settings import Settings
from napari_irrm.jobs.work import Context

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Layer


class RestoreWork:
    """Restore an LR layer into a new one; where it has no record, as if `settings.model` made it.

    Raises
    ------
    LayerRefusedError
        The layer is none that can be rescaled.
    """

    def __init__(self, viewer: ViewerModel, layer: Layer, settings: Settings) -> None:
        raise NotImplementedError

    @property
    def title(self) -> str:
        """For people."""
        raise NotImplementedError

    def run(self, context: Context) -> Any:
        """Restore, the plane on screen first."""
        raise NotImplementedError

    def finish(self, result: Any) -> None:
        """Complete the layer."""
        raise NotImplementedError

    def abandon(self) -> None:
        """Remove the layer."""
        raise NotImplementedError
