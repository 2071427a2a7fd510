"""The store that a panel shows: opened in a thread, and closed when the panel is gone."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from napari_irrm.storage.background import Background
from napari_irrm.widgets.threads import QtExecutor

if TYPE_CHECKING:
    from napari_irrm.storage.opened import OpenedStore


class StoreHolder:
    """The store that is open, if one is, and the thread that opens others.

    Outlives the widget until it has closed them: what Qt calls when it deletes a widget must be
    there still.
    """

    def __init__(self, opening: Background) -> None:
        self.opening = opening
        self.opened: OpenedStore | None = None
        _holders.add(self)

    def hold(self, opened: OpenedStore) -> None:
        """Let another store take the place of this one."""
        before, self.opened = self.opened, opened
        if before is not None:
            before.close()

    def close(self, *_: object) -> None:
        """Close everything."""
        _holders.discard(self)
        self.opening.close()
        opened, self.opened = self.opened, None
        if opened is not None:
            opened.close()


_holders: set[StoreHolder] = set()


@cache
def relay() -> QtExecutor:
    """Return what calls on the viewer's thread, for every panel: no thread may be its end."""
    return QtExecutor()
