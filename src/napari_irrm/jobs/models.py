"""Which model a layer gets, decided before anything is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from irrm_core.errors import ModelNotFoundError, UsageError

if TYPE_CHECKING:
    from irrm_core.engine import RestoreRecord
    from irrm_core.zoo import ModelCard
    from napari_irrm.jobs.settings import Settings
    from napari_irrm.layers import LayerImage


def card_for(image: LayerImage, settings: Settings) -> ModelCard:
    """Return the card of the model that downscales a layer.

    Raises
    ------
    ModelNotFoundError
        The model chosen, or every default model, is not there.
    UsageError
        The model does not fit the layer, or the scale does not fit the model.
    """
    from irrm_core.archive import default_models
    from irrm_core.zoo import find_card

    if settings.model is None:
        names = default_models(image.colours, settings.scale)
        for name in names[:-1]:
            try:
                return find_card(name)
            except ModelNotFoundError:
                continue
        return find_card(names[-1])
    card = find_card(settings.model)
    if settings.scale not in (None, card.scale):
        raise UsageError(
            f"{card.id} is a model of x{card.scale}, not x{settings.scale}; choose another scale "
            "or another model"
        )
    reason = misfit(image, card)
    if reason:
        raise UsageError(f"{image.name}: {reason}")
    return card


def misfit(image: LayerImage, card: ModelCard) -> str:
    """Return why a model cannot downscale a layer, or nothing."""
    if card.channels < image.colours:
        return f"{card.id} is for single-channel images and this one has colours"
    return ""


def draft_record(image: LayerImage, card: ModelCard) -> RestoreRecord:
    """Return what is known of the record before a layer is downscaled: axes, shape, dtype."""
    from irrm_core.engine import RestoreRecord

    return RestoreRecord(
        model=card.id,
        weights_hash=card.weights_hash,
        scale=card.scale,
        hr_shape=image.shape,
        axes=image.axes,
        dtype=image.dtype.name,
        lr_hash="",
        tripled=card.channels > image.colours,
    )
