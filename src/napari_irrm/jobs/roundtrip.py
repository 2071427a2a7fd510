"""The work that downscales a layer and restores it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_irrm.jobs.settings import Settings
from napari_irrm.jobs.work import Context

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Layer


class RoundtripWork:
    """Downscale a layer, restore it, and compare.

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
        """Downscale and restore, the plane on screen first."""
        raise NotImplementedError

    def finish(self, result: Any) -> None:
        """Complete the layers."""
        raise NotImplementedError

    def abandon(self) -> None:
        """Remove the layers."""
        raise NotImplementedError
