"""Several observers as one; what one of them raises does not reach the daemon."""
# ruff: noqa: D102  # what each method means, Observer says

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from irrm_watcher.pipeline.observer import Observer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from irrm_core.archive.catalogue import Entry
    from irrm_watcher.pipeline.observer import Scanned
    from irrm_watcher.scan import Watching


class Several(Observer):
    """Passes on everything to each of its observers, in order.

    Parameters
    ----------
    observers : sequence of Observer
        A mistake of one of them is told to `say`, and the others hear of the event all the same.
    say : callable
        Takes one line.
    """

    def __init__(self, observers: Sequence[Observer], say: Callable[[str], None]) -> None:
        self._observers = tuple(observers)
        self._say = say

    def started(self, recovered: Mapping[str, int], watching: Mapping[str, Watching]) -> None:
        self._tell("started", recovered, watching)

    def watched(self, root: str, watching: Watching) -> None:
        self._tell("watched", root, watching)

    def scanned(self, scanned: Scanned) -> None:
        self._tell("scanned", scanned)

    def claimed(self, entry: Entry) -> None:
        self._tell("claimed", entry)

    def committed(self, entry: Entry) -> None:
        self._tell("committed", entry)

    def quarantined(self, entry: Entry) -> None:
        self._tell("quarantined", entry)

    def purged(self, entry: Entry) -> None:
        self._tell("purged", entry)

    def kept(self, entry: Entry) -> None:
        self._tell("kept", entry)

    def returned(self, entry: Entry, reason: str) -> None:
        self._tell("returned", entry, reason)

    def retrying(self, entry: Entry, reason: str) -> None:
        self._tell("retrying", entry, reason)

    def failed(self, entry: Entry, reason: str) -> None:
        self._tell("failed", entry, reason)

    def trouble(self, what: str) -> None:
        self._tell("trouble", what)

    def resting(self, why: str) -> None:
        self._tell("resting", why)

    def beat(self, backlog: int, busy: int) -> None:
        self._tell("beat", backlog, busy)

    def idle(self) -> None:
        self._tell("idle")

    def stopping(self) -> None:
        self._tell("stopping")

    def _tell(self, event: str, *facts: Any) -> None:
        for observer in self._observers:
            try:
                getattr(observer, event)(*facts)
            except Exception as mistake:  # a log or a metric is no reason to stop archiving
                name = type(observer).__name__
                self._say(f"{name} failed at {event!r}: {type(mistake).__name__}: {mistake}")
