"""The work that makes the LR of a layer."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from napari_irrm.jobs.growing import GrowingLayer
from napari_irrm.jobs.models import card_for, draft_record
from napari_irrm.jobs.session import unwrapped
from napari_irrm.jobs.settings import Settings
from napari_irrm.jobs.work import Context
from napari_irrm.layers import Provenance, display_of, image_of, lr_arguments, plane_on_screen

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Image

    from irrm_core.engine import Downscaled, RestoreRecord


class DownscaleWork:
    """Downscale a layer into a new one.

    Pixels that are not finite are kept apart and come back when the LR is restored.

    Parameters
    ----------
    viewer : ViewerModel
        Of the layer; takes the new one.
    layer : Image
        To be downscaled.
    settings : Settings
        How.

    Raises
    ------
    LayerRefusedError
        The layer is none that can be rescaled.
    ModelNotFoundError, UsageError
        The model is not there, or does not fit the layer.
    """

    def __init__(self, viewer: ViewerModel, layer: Image, settings: Settings) -> None:
        viewer, layer = unwrapped(viewer), unwrapped(layer)
        self._settings = settings
        self._image = image_of(layer)
        self._card = card_for(self._image, settings)
        self._first = plane_on_screen(layer, self._image)
        self._display = display_of(layer)

        def arguments(record: RestoreRecord) -> dict[str, Any]:
            return lr_arguments(layer, self._image, record)

        self._lr = GrowingLayer(viewer, self._image, arguments)

    @property
    def title(self) -> str:
        """For people."""
        return f"Downscale {self._image.name}"

    @property
    def layer(self) -> Image | None:
        """The LR layer, once it is shown."""
        return self._lr.layer

    def run(self, context: Context) -> Downscaled:
        """Downscale, the plane on screen first."""
        settings, image = self._settings, self._image
        context.planes(image.plane_count)
        rescaler = context.pool.rescaler(
            self._card.weights_hash,
            device=settings.device,
            precision=settings.precision,
            tile=settings.tile,
        )
        draft = draft_record(image, self._card)

        return rescaler.downscale(
            image.data,
            axes=image.axes,
            seed=settings.seed,
            nonfinite="fill",
            progress=context.progress,
            cancel=context.cancel,
            out=self._lr.allocate(draft.lr_shape, draft.lr_dtype, draft.lr_axes),
            first=self._first,
            plane_done=partial(self._lr.plane_done, context),
        )

    def finish(self, result: Downscaled) -> None:
        """Complete the layer: only now it can be restored."""
        self._lr.complete(self.provenance(result))

    def provenance(self, result: Downscaled) -> Provenance:
        """Return what the LR layer carries."""
        return Provenance(
            "lr",
            result.record,
            side_data=result.side_data,
            source=self._image.name,
            display=self._display,
        )

    def abandon(self) -> None:
        """Remove the layer."""
        self._lr.remove()
