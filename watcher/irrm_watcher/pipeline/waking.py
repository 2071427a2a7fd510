"""Wake a thread that waits for pipes, from other threads and from signal handlers."""

from __future__ import annotations

import os
import threading
from contextlib import suppress


class Wake(threading.Event):
    """An event that is also a pipe, so that it is waited for together with the workers'."""

    def __init__(self) -> None:
        super().__init__()
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._reading, False)
        os.set_blocking(self._writing, False)

    def fileno(self) -> int:
        """Return what becomes ready when `set` was called."""
        return self._reading

    def set(self) -> None:
        """Wake whoever waits."""
        super().set()
        with suppress(BlockingIOError, OSError):  # full: it wakes all the same
            os.write(self._writing, b"!")

    def clear(self) -> None:
        """Wait again."""
        super().clear()
        with suppress(BlockingIOError):
            while os.read(self._reading, 4096):
                pass

    def close(self) -> None:
        """Close the pipe."""
        os.close(self._reading)
        os.close(self._writing)
