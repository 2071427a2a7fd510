"""The work that downscales a layer, restores it and has both compared."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from napari_irrm.jobs.downscale import DownscaleWork
from napari_irrm.jobs.growing import GrowingLayer
from napari_irrm.jobs.session import session_of, unwrapped
from napari_irrm.jobs.settings import Settings
from napari_irrm.jobs.work import Context
from napari_irrm.layers import Provenance, image_of, plane_on_screen, restored_arguments

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Image

    from irrm_core.engine import Downscaled, RestoreRecord


class RoundtripWork:
    """Downscale a layer, restore it, and queue the comparison of both.

    Parameters and errors are those of `DownscaleWork`.
    """

    def __init__(self, viewer: ViewerModel, layer: Image, settings: Settings) -> None:
        self._viewer, self._layer = unwrapped(viewer), unwrapped(layer)
        self._settings = settings
        self._down = DownscaleWork(self._viewer, self._layer, settings)
        self._image = image_of(self._layer)
        self._first = plane_on_screen(self._layer, self._image)
        self._restored = GrowingLayer(self._viewer, self._image, self._arguments)

    @property
    def title(self) -> str:
        """For people."""
        return f"Round trip of {self._image.name}"

    def run(self, context: Context) -> Downscaled:
        """Downscale and restore, the plane on screen first."""
        made = self._down.run(context)
        settings, image = self._settings, self._image
        rescaler = context.pool.rescaler(
            made.record.weights_hash,
            device=settings.device,
            precision=settings.precision,
            tile=settings.tile,
        )

        return rescaler.measure(
            image.data,
            made,
            progress=context.progress,
            cancel=context.cancel,
            out=self._restored.allocate(image.shape, made.record.dtype, image.axes),
            first=self._first,
            plane_done=partial(self._restored.plane_done, context),
        )

    def finish(self, result: Downscaled) -> None:
        """Complete the layers, and queue their comparison if they are still there."""
        from napari_irrm.comparing import CompareWork

        self._down.finish(result)
        source = self._image.name if self._down.layer is None else self._down.layer.name
        self._restored.complete(Provenance("restored", result.record, source=source))
        restored = self._restored.layer
        if restored is not None and self._restored.there and self._layer in self._viewer.layers:
            work = CompareWork(self._viewer, self._layer, restored)
            session_of(self._viewer).queue.submit(work)

    def abandon(self) -> None:
        """Remove the layers."""
        self._restored.remove()
        self._down.abandon()

    def _arguments(self, record: RestoreRecord) -> dict[str, Any]:
        lr = self._down.layer
        assert lr is not None, "the LR is shown before its restoration"
        return restored_arguments(lr, record, of=self._layer)
