"""Calls that reach a widget as long as it is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakMethod

from qtpy.compat import isalive


def while_alive(method: Callable[..., object], *first: object) -> Callable[..., None]:
    """Return a function for a signal, or for a job that may end when the panel is deleted.

    It neither keeps the panel alive, as Qt does with a lambda, nor calls what Qt has deleted.

    Parameters
    ----------
    method : method
        Of a widget, or of another object of Qt.
    *first
        Arguments that come before those of the call.
    """
    held = WeakMethod(method)

    def call(*rest: Any) -> None:
        alive: Any = held()
        if alive is not None and isalive(alive.__self__):
            alive(*first, *rest)

    return call
