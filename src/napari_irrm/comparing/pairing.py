"""Which layer is the original of which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari.layers import Layer


def pair_of(layers: Sequence[Layer], chosen: Sequence[Layer] = ()) -> tuple[Layer, Layer] | None:
    """Return an original and its restoration among the layers, or None.

    Parameters
    ----------
    layers : sequence of Layer
        All of a viewer, bottom first.
    chosen : sequence of Layer
        Those that are selected: they are preferred.
    """
    raise NotImplementedError
