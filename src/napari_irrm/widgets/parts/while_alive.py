"""Calls that reach a widget as long as it is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec

from qtpy.QtWidgets import QWidget

P = ParamSpec("P")


def while_alive(widget: QWidget, call: Callable[P, object]) -> Callable[P, None]:
    """Return a callable for a job, which may end when its widget is closed and deleted.

    Parameters
    ----------
    widget : QWidget
        Whose deletion ends the calls.
    call : callable
        Of the widget.
    """
    deleted: list[bool] = []
    widget.destroyed.connect(lambda *_: deleted.append(True))

    def pass_on(*args: P.args, **kwargs: P.kwargs) -> None:
        if not deleted:
            call(*args, **kwargs)

    return pass_on
