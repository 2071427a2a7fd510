"""Which models fit a layer, and why the others do not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
    """

    model: str
    scale: int
    label: str
    gaussian: bool = False


def fitting_models(image: LayerImage) -> list[Choice]:
    """Return the models that fit, the default one first."""
    raise NotImplementedError


def unfitting(image: LayerImage) -> list[tuple[Choice, str]]:
    """Return the models that do not fit, each with the reason."""
    raise NotImplementedError
