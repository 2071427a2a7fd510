"""Which models fit a layer, and why the others do not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from irrm_core.archive import default_models
from irrm_core.zoo import list_models
from napari_irrm.jobs.models import misfit

if TYPE_CHECKING:
    from irrm_core.zoo import ModelCard
    from napari_irrm.layers import LayerImage


@dataclass(frozen=True)
class Choice:
    """A model that may be chosen.

    Attributes
    ----------
    model : str
        Its id.
    scale : int
        Its linear factor.
    label : str
        For people, such as ``"irrm-fast-x2 (RGB)"``.
    gaussian : bool
        Whether its latent is random, so that a seed matters.
    channels : int
        1 or 3.
    """

    model: str
    scale: int
    label: str
    gaussian: bool = False
    channels: int = 3

    def goes_by(self, name: str | None) -> bool:
        """Return whether a name or an id means this model; people may leave the version out."""
        return name in (self.model, self.model.partition("@")[0])


def choice_of(card: ModelCard) -> Choice:
    """Return a model as it is offered."""
    kind = "RGB" if card.channels == 3 else "gray"
    return Choice(
        model=card.id,
        scale=card.scale,
        label=f"{card.id.removesuffix('@1')} ({kind})",
        gaussian=card.latent.kind == "gaussian",
        channels=card.channels,
    )


def fitting_models(image: LayerImage) -> list[Choice]:
    """Return the models that downscale a layer, the default one first."""
    cards = _by_preference(list_models(), image.colours)
    return [choice_of(card) for card in cards if not misfit(image, card)]


def unfitting(image: LayerImage) -> list[tuple[Choice, str]]:
    """Return the models that do not fit, each with the reason."""
    reasons = ((card, misfit(image, card)) for card in list_models())
    return [(choice_of(card), reason) for card, reason in reasons if reason]


def assumable_models(image: LayerImage) -> list[Choice]:
    """Return the models that may be assumed to have made a layer without a record."""
    if image.dtype.name not in ("uint8", "uint16") or image.layout.has_alpha:
        return []
    cards = _by_preference(list_models(), image.colours)
    return [choice_of(card) for card in cards if card.channels == image.colours]


def _by_preference(cards: Iterable[ModelCard], colours: int) -> list[ModelCard]:
    """Return the cards, those first that an image gets when no model is named."""
    cards = list(cards)
    names = list(default_models(colours))
    for scale in sorted({card.scale for card in cards}):
        names += default_models(colours, scale)
    rank = {name: place for place, name in reversed(list(enumerate(names)))}
    return sorted(cards, key=lambda card: rank.get(card.name, len(names)))
