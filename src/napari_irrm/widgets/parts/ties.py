"""Connections that neither outlive a widget nor keep it alive."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from inspect import ismethod
from typing import Any, Protocol
from weakref import WeakMethod

from qtpy.QtWidgets import QWidget


class Emitter(Protocol):
    """An event of napari's or a psygnal signal."""

    def connect(self, slot: Callable[..., Any], /) -> Any:
        """Have `slot` called from now on."""

    def disconnect(self, slot: Callable[..., Any], /) -> Any:
        """Have it called no more."""


class Ties:
    """Connects a widget to what outlives it: a viewer, its layers, a queue.

    Docks may be deleted by Qt while Python still holds the widget; what is called then fails.

    Parameters
    ----------
    widget : QWidget
        With whose deletion all connections end.
    """

    def __init__(self, widget: QWidget) -> None:
        self._ends: list[Callable[[], None]] = []
        # A method, held here until then: PyQt calls a function that Python's collector has
        # freed together with a discarded widget, and the process ends.
        _tied.add(self)
        widget.destroyed.connect(self._cut)

    def tie(self, emitter: Emitter, slot: Callable[..., Any]) -> None:
        """Have `slot` called when `emitter` emits; a method does not keep its object alive."""
        emitter.connect(slot)
        held = WeakMethod(slot) if ismethod(slot) else partial(_return, slot)
        self._ends.append(partial(_disconnect, emitter, held))

    def _cut(self, *_: object) -> None:
        """End all connections."""
        _tied.discard(self)
        while self._ends:
            self._ends.pop()()


_tied: set[Ties] = set()
"""Those whose widgets have not been destroyed."""


def _return(slot: Callable[..., Any]) -> Callable[..., Any]:
    return slot


def _disconnect(emitter: Emitter, held: Callable[[], Callable[..., Any] | None]) -> None:
    slot = held()
    if slot is not None:
        # The layer or viewer may have ended it already.
        with suppress(ValueError, KeyError, RuntimeError):
            emitter.disconnect(slot)
