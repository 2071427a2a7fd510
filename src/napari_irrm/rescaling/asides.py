"""What the controller has found out in a thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar

from irrm_core.progress import Cancel

if TYPE_CHECKING:
    from napari_irrm.jobs import Context, ModelPool

_T = TypeVar("_T")


class Aside(Generic[_T]):
    """A small work whose result is told to whoever asked.

    Parameters
    ----------
    title : str
        For the log.
    find : callable
        Finds it out, in a thread.
    tell : callable
        Takes it, in the viewer's thread.
    failed : callable
        Called there if it was not found out.
    """

    def __init__(
        self,
        title: str,
        find: Callable[[ModelPool, Cancel], _T],
        tell: Callable[[_T], None],
        failed: Callable[[], None] = lambda: None,
    ) -> None:
        self.title = title
        self._find, self._tell, self._failed = find, tell, failed

    def run(self, context: Context) -> _T:
        """Find it out."""
        return self._find(context.pool, context.cancel)

    def finish(self, result: _T) -> None:
        """Tell it."""
        self._tell(result)

    def abandon(self) -> None:
        """Say that it stays unknown."""
        self._failed()
