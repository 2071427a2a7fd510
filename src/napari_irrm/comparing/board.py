"""Where the comparisons of a viewer are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from psygnal import Signal

from napari_irrm.comparing.comparison import Comparison
from napari_irrm.jobs.session import unwrapped

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Layer


class Board:
    """The comparisons made in one viewer, by their layers; the layers are not kept alive.

    Attributes
    ----------
    added : Signal
        Emitted with a comparison and its original and restored layers, when one was made.
    """

    added = Signal(object, object, object)

    def __init__(self) -> None:
        self._found: WeakKeyDictionary[Layer, WeakKeyDictionary[Layer, Comparison]] = (
            WeakKeyDictionary()
        )

    def add(self, comparison: Comparison, original: Layer, restored: Layer) -> None:
        """Keep a comparison, in place of an earlier one of the same layers."""
        self._found.setdefault(restored, WeakKeyDictionary())[original] = comparison
        self.added.emit(comparison, original, restored)

    def find(self, original: Layer, restored: Layer) -> Comparison | None:
        """Return what was found of two layers, or None."""
        return self._found.get(restored, WeakKeyDictionary()).get(original)


_boards: WeakKeyDictionary[ViewerModel, Board] = WeakKeyDictionary()


def board_of(viewer: ViewerModel) -> Board:
    """Return the board of a viewer; the same each time."""
    return _boards.setdefault(unwrapped(viewer), Board())
