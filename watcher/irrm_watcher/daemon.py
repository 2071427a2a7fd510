"""The daemon: one thread that owns the catalogue, and workers that do the heavy part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from irrm_watcher.pipeline.clock import Clock, SystemClock
from irrm_watcher.pipeline.observer import Observer

if TYPE_CHECKING:
    from collections.abc import Callable

    from irrm_watcher.config import Config


class Daemon:
    """Watches folders and archives what comes to rest in them.

    Parameters
    ----------
    config : Config
        What to watch, and how files are stored.
    observer : Observer, optional
        Told of everything that happens.
    clock : Clock, optional
        By default the machine's.
    reload : callable, optional
        Gives the configuration anew when `ask_reload` was called.
    """

    def __init__(
        self,
        config: Config,
        *,
        observer: Observer | None = None,
        clock: Clock | None = None,
        reload: Callable[[], Config] | None = None,
    ) -> None:
        self.config = config
        self._observer = observer or Observer()
        self._clock = clock or SystemClock()
        self._reload = reload
