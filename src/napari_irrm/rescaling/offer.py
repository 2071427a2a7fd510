"""What a layer can be used for, in one direction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from irrm_core.errors import IrrmError
from napari_irrm.jobs.restore import known_provenance, model_of, no_record
from napari_irrm.layers import LayerImage, Provenance, image_of
from napari_irrm.rescaling.choices import (
    Choice,
    assumable_models,
    choice_of,
    fitting_models,
    unfitting,
)
from napari_irrm.words import psnr_text

if TYPE_CHECKING:
    from napari.layers import Layer

Direction = Literal["downscale", "restore", "roundtrip"]


@dataclass(frozen=True)
class Offer:
    """What is possible with a layer.

    Attributes
    ----------
    image : LayerImage or None
        Of the layer; None where it has none.
    choices : tuple of Choice
        The models that fit, the best first.
    unfitting : tuple of (Choice, str)
        Those that do not, with the reason.
    provenance : Provenance or None
        Of an LR that is to be restored.
    assumed : bool
        Whether an LR has no record, so that a model can only be assumed.
    hindrance : str
        Why nothing is possible, or empty.
    advice : str
        What people should know, or empty.
    """

    image: LayerImage | None = None
    choices: tuple[Choice, ...] = ()
    unfitting: tuple[tuple[Choice, str], ...] = ()
    provenance: Provenance | None = None
    assumed: bool = False
    hindrance: str = ""
    advice: str = ""


def offer_of(layer: Layer | None, direction: Direction, recovered: Provenance | None) -> Offer:
    """Return what is possible with a layer; `recovered` is the record of its file, if known."""
    if layer is None:
        return Offer(hindrance="Choose an image layer, or open an image.")
    try:
        image = image_of(layer)
        if direction == "restore":
            return _restoring(image, known_provenance(layer) or recovered)
    except IrrmError as error:
        return Offer(hindrance=str(error))
    choices = tuple(fitting_models(image))
    hindrance = "" if choices else f"no model fits layer {image.name!r}; add one by `irrm models`"
    return Offer(image, choices, tuple(unfitting(image)), hindrance=hindrance)


def _restoring(image: LayerImage, provenance: Provenance | None) -> Offer:
    if provenance is not None:
        record = provenance.record
        choice = choice_of(model_of(image, record))
        quality = record.quality.get("psnr")
        measured = "" if quality is None else f"; measured then: {psnr_text(quality)}"
        source = f" from {provenance.source}" if provenance.source else ""
        advice = f"Downscaled by {record.model}{source}{measured}."
        return Offer(image, (choice,), provenance=provenance, advice=advice)
    choices = tuple(assumable_models(image))
    if not choices:
        return Offer(
            image,
            hindrance=f"layer {image.name!r} carries no restore record, and no model makes LR "
            f"images of {image.dtype} with {image.layout.samples} samples; choose an LR layer",
        )
    reason = str(no_record(image))
    return Offer(
        image,
        choices,
        assumed=True,
        advice=f"{reason[0].upper()}{reason[1:]}. Only an image that this model downscaled is "
        "restored; any other is merely enlarged.",
    )
