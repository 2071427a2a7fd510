"""The work that restores a layer."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from irrm_core.errors import (
    ModelNotFoundError,
    NoRecordError,
    NotRestorableError,
    PixelsChangedError,
    UsageError,
)
from napari_irrm.jobs.growing import GrowingLayer
from napari_irrm.jobs.session import unwrapped
from napari_irrm.jobs.settings import Settings
from napari_irrm.jobs.work import Context
from napari_irrm.layers import (
    LayerImage,
    Provenance,
    image_of,
    plane_on_screen,
    provenance_of,
    refusal,
    restored_arguments,
)

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Image

    from irrm_core.engine import RestoreRecord
    from irrm_core.zoo import ModelCard


class RestoreWork:
    """Restore an LR layer into a new one.

    The record is that in the layer's metadata, or that of the file which the layer was opened
    from. A layer without one is restored as if the model of the settings had downscaled it.

    Parameters
    ----------
    viewer : ViewerModel
        Of the layer; takes the new one.
    layer : Image
        To be restored.
    settings : Settings
        How; the model and the seed only count where there is no record.

    Raises
    ------
    LayerRefusedError
        The layer is no image.
    UsageError
        The layer is a restoration or a difference.
    NotRestorableError
        The layer's record is damaged, or the layer is no longer what was made.
    ModelNotFoundError
        The model of the record is not there.
    """

    def __init__(self, viewer: ViewerModel, layer: Image, settings: Settings) -> None:
        viewer, layer = unwrapped(viewer), unwrapped(layer)
        self._layer = layer
        self._settings = settings
        self._image = image_of(layer)
        self._known = known_provenance(layer)
        if self._known is not None:
            model_of(self._image, self._known.record)
        self._first = plane_on_screen(layer, self._image)

        def arguments(record: RestoreRecord) -> dict[str, Any]:
            return restored_arguments(layer, record, of=_original(viewer, self._known))

        self._restored = GrowingLayer(viewer, self._image, arguments)

    @property
    def title(self) -> str:
        """For people."""
        return f"Restore {self._image.name}"

    @property
    def layer(self) -> Image | None:
        """The restored layer, once it is shown."""
        return self._restored.layer

    def run(self, context: Context) -> RestoreRecord:
        """Restore, the plane on screen first."""
        from napari_irrm.files import recover

        settings, image = self._settings, self._image
        self._known = self._known or recover(self._layer)
        record = self._assumed() if self._known is None else self._known.record
        side_data = {} if self._known is None else self._known.side_data
        context.planes(image.plane_count)
        rescaler = context.pool.rescaler(
            record.weights_hash,
            device=settings.device,
            precision=settings.precision,
            tile=settings.tile,
        )

        try:
            rescaler.restore(
                image.data,
                record,
                side_data,
                progress=context.progress,
                cancel=context.cancel,
                out=self._restored.allocate(record.hr_shape, record.dtype, record.axes),
                first=self._first,
                plane_done=partial(self._restored.plane_done, context),
            )
        except PixelsChangedError as error:
            raise _changed(image) from error
        return record

    def finish(self, result: RestoreRecord) -> None:
        """Complete the layer."""
        self._restored.complete(Provenance("restored", result, source=self._image.name))

    def abandon(self) -> None:
        """Remove the layer."""
        self._restored.remove()

    def _assumed(self) -> RestoreRecord:
        from irrm_core.engine import assume_record
        from irrm_core.zoo import find_card

        if self._settings.model is None:
            raise no_record(self._image)
        card = find_card(self._settings.model)
        return assume_record(
            card, self._image.data, axes=self._image.axes, seed=self._settings.seed
        )


def known_provenance(layer: Image) -> Provenance | None:
    """Return the provenance of an LR in a layer's metadata, if it has one.

    Raises
    ------
    UsageError
        The layer is a restoration or a difference.
    NotRestorableError
        The provenance is damaged.
    """
    try:
        provenance = provenance_of(layer)
    except NotRestorableError as error:
        raise NotRestorableError(f"layer {layer.name!r}: {error}") from error
    if provenance is not None and provenance.kind != "lr":
        what = "a restoration already" if provenance.kind == "restored" else "a difference"
        raise UsageError(f"layer {layer.name!r} is {what}; choose an LR layer to restore")
    return provenance


def model_of(image: LayerImage, record: RestoreRecord) -> ModelCard:
    """Return the card of the model that restores an LR layer.

    Raises
    ------
    PixelsChangedError
        The layer has not the shape or dtype of its record.
    ModelNotFoundError
        The model is not there.
    """
    from irrm_core.zoo import find_card

    if image.shape != record.lr_shape or image.dtype.name != record.lr_dtype:
        raise _changed(image)
    try:
        return find_card(record.weights_hash)
    except ModelNotFoundError as error:
        raise ModelNotFoundError(
            f"layer {image.name!r} was downscaled by {record.model} with weights "
            f"{record.weights_hash[:12]}, which are not here; put the folder of that model into "
            "the one that `irrm models where` names"
        ) from error


def _changed(image: LayerImage) -> PixelsChangedError:
    return PixelsChangedError(
        f"layer {image.name!r} is no longer the LR that was made, its pixels were cropped, edited "
        "or converted; open the LR file again, or downscale the original again"
    )


def no_record(image: LayerImage) -> NoRecordError:
    """Return the error for a layer that nothing says how to restore."""
    return NoRecordError(
        f"layer {image.name!r} carries no restore record: it was not downscaled here, or was "
        "changed since; choose a model to assume, or open the LR file itself"
    )


def _original(viewer: ViewerModel, provenance: Provenance | None) -> Image | None:
    """Return the layer that an LR was made from, if it is still there."""
    if provenance is None or provenance.source not in viewer.layers:
        return None
    layer: Image = viewer.layers[provenance.source]
    if refusal(layer) is not None or image_of(layer).shape != provenance.record.hr_shape:
        return None
    return layer
