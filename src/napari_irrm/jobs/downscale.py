"""The work that makes the LR of a layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_irrm.jobs.settings import Settings
from napari_irrm.jobs.work import Context

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Layer


class DownscaleWork:
    """Downscale a layer into a new one.

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
        """Downscale, the plane on screen first."""
        raise NotImplementedError

    def finish(self, result: Any) -> None:
        """Complete the layer."""
        raise NotImplementedError

    def abandon(self) -> None:
        """Remove the layer."""
        raise NotImplementedError
