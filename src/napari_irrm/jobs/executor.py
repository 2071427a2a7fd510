"""Where work runs, and how it reaches the viewer's thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Executor(Protocol):
    """Threads as a queue needs them."""

    def start(self, work: Callable[[], None]) -> None:
        """Have `work` called in a thread of its own; it raises nothing."""

    def call(self, what: Callable[[], None]) -> None:
        """Have `what` called soon in the viewer's thread, in the order of the calls."""


class InlineExecutor:
    """Does everything at once, in the thread of the caller: for scripts, and without Qt."""

    def start(self, work: Callable[[], None]) -> None:
        """Call `work` and return when it is done."""
        work()

    def call(self, what: Callable[[], None]) -> None:
        """Call `what`."""
        what()
