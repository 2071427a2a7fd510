"""Connections that end with the widget that made them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

from qtpy.QtWidgets import QWidget


class Emitter(Protocol):
    """An event of napari's or a psygnal signal."""

    def connect(self, slot: Callable[..., Any], /) -> Any:
        """Have `slot` called from now on."""

    def disconnect(self, slot: Callable[..., Any], /) -> Any:
        """Have it called no more."""


class Ties:
    """Connects a widget to what outlives it: a viewer, its layers, a queue.

    Docks are deleted by Qt while Python may still hold the widget; what is called then fails.

    Parameters
    ----------
    widget : QWidget
        With whose deletion all connections end.
    """

    def __init__(self, widget: QWidget) -> None:
        self._ties: list[tuple[Emitter, Callable[..., Any]]] = []
        widget.destroyed.connect(self.cut)

    def tie(self, emitter: Emitter, slot: Callable[..., Any]) -> None:
        """Have `slot` called when `emitter` emits."""
        emitter.connect(slot)
        self._ties.append((emitter, slot))

    def cut(self, *_: object) -> None:
        """End all connections."""
        while self._ties:
            emitter, slot = self._ties.pop()
            # The layer or viewer may have ended it already.
            with suppress(ValueError, KeyError, RuntimeError):
                emitter.disconnect(slot)
