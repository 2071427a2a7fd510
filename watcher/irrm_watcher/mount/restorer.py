"""The processes behind a mount: so many at once, ended when idle, stopped when unmounting."""

from __future__ import annotations

import os
import signal
import threading
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from irrm_core.archive.recall.workers import RecallWorkers
from irrm_core.errors import IrrmError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from irrm_core.archive.catalogue import Entry

_IDLE = 60.0
"""Seconds without a restoration after which the processes, and the models in them, go."""

_HEARD = (signal.SIGHUP, signal.SIGINT)
"""Signals by which libfuse can be told to unmount, unless they were ignored from the start."""


class Restorer:
    """Restores for a mount.

    Parameters
    ----------
    store : Path
        The folder of the store.
    jobs : int
        Files restored at once.
    **options
        As `RecallWorkers` takes them.
    """

    def __init__(self, store: Path, jobs: int, **options: Any) -> None:
        self._workers = RecallWorkers(store, jobs, **options)
        self._lock = threading.Lock()
        self._busy = 0
        self._timer: threading.Timer | None = None
        self._signals: tuple[int, int] | None = None

    def begin(self) -> None:
        """Start what takes a thread; called in the process that stays."""
        if self._signals is not None:
            threading.Thread(target=self._await_signal, daemon=True).start()

    def write(self, entry: Entry, target: Path, name: str) -> None:
        """Restore an entry; return when that is done, after those that came before.

        Raises
        ------
        IrrmError, OSError
            As `write_content`, or the process was lost twice.
        """
        with self._working():
            for _attempt in range(2):
                try:
                    return self._workers.write(entry, target, name).result()
                except BrokenProcessPool:
                    continue  # it may have been the file of another
        raise IrrmError("the process that restores ended without a word; is memory short?")

    def end(self) -> None:
        """Stop everything."""
        self._workers.cancel()
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
        self._workers.retire()

    @contextmanager
    def unmounting_on_sigterm(self) -> Iterator[None]:
        """Let SIGTERM stop what is being restored, and then unmount.

        libfuse unmounts when all that was asked of it is answered, so files that wait to be
        restored must fail first. While it runs, no signal handler of Python does: the signal's
        number is read from a pipe instead, and libfuse is told by another signal.
        """
        if all(signal.getsignal(number) == signal.SIG_IGN for number in _HEARD):
            # As under nohup in a script. What is ignored libfuse leaves so, and heard nothing.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
        read, write = os.pipe()
        os.set_blocking(write, False)
        self._signals = read, write
        handler = signal.signal(signal.SIGTERM, lambda number, frame: None)
        before = signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(before)
            signal.signal(signal.SIGTERM, handler)
            os.close(write)  # ends the thread, which closes the other end

    def _await_signal(self) -> None:
        assert self._signals is not None
        read = self._signals[0]
        while number := os.read(read, 1):
            if number[0] == signal.SIGTERM:
                self._workers.cancel()
                heard = next(n for n in _HEARD if signal.getsignal(n) != signal.SIG_IGN)
                os.kill(os.getpid(), heard)
        os.close(read)

    @contextmanager
    def _working(self) -> Iterator[None]:
        with self._lock:
            self._busy += 1
            if self._timer is not None:
                self._timer.cancel()
        try:
            yield
        finally:
            with self._lock:
                self._busy -= 1
                if not self._busy:
                    self._timer = threading.Timer(_IDLE, self._retire)
                    self._timer.daemon = True
                    self._timer.start()

    def _retire(self) -> None:
        with self._lock:
            if self._busy:
                return
        self._workers.retire()
