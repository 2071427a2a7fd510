"""Run a command when something fails: to send a mail, to ring a bell.

It gets one JSON document on its standard input, cannot hold up the daemon, is ended after a
time, and is not run more often than once in a while: what fails meanwhile is told together.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import shlex
import signal
import subprocess
import threading
import time
from typing import TYPE_CHECKING, Any

from irrm_core.errors import UsageError
from irrm_watcher.pipeline.observer import Observer

if TYPE_CHECKING:
    from collections.abc import Callable

    from irrm_core.archive.catalogue import Entry

TIMEOUT = 60.0
"""Seconds after which the command is ended."""

PAUSE = 60.0
"""Seconds between two runs."""

MOST = 100
"""Failures in one document; of more than that only the number is told."""


class FailureHook(Observer):
    """Tells a command of failures.

    Parameters
    ----------
    command : str
        Split into words as a shell would; no shell is involved otherwise.
    store : str
        Told in the document, so that one command can serve several daemons.
    say : callable
        Hears how a run of the command failed.
    timeout, pause : float
        Seconds that it may take, and between two runs.
    """

    def __init__(
        self,
        command: str,
        store: str,
        *,
        say: Callable[[str], None] = lambda _what: None,
        timeout: float = TIMEOUT,
        pause: float = PAUSE,
    ) -> None:
        try:
            self._words = shlex.split(command)
        except ValueError as why:
            raise UsageError(f"on_failure = {command!r}: is no command ({why})") from why
        self._store = store
        self._say = say
        self._timeout = timeout
        self._pause = pause
        self._told = threading.Condition()
        self._failures: list[dict[str, Any]] = []
        self._omitted = 0
        self._ending = False
        self._thread = threading.Thread(target=self._work, name="on_failure", daemon=True)
        self._thread.start()

    def failed(self, entry: Entry, reason: str) -> None:
        """Tell of a file that failed for good."""
        self._add(
            {
                "event": "failed",
                "root": entry.root,
                "path": os.fsdecode(entry.path),
                "reason": reason,
                "attempts": entry.attempts,
            }
        )

    def trouble(self, what: str) -> None:
        """Tell of what is no single file's fault."""
        self._add({"event": "trouble", "reason": what})

    def close(self) -> None:
        """Tell what was not told yet, and end."""
        with self._told:
            self._ending = True
            self._told.notify()
        self._thread.join(self._timeout + 1)

    def _add(self, failure: dict[str, Any]) -> None:
        with self._told:
            if len(self._failures) < MOST:
                self._failures.append({"at": round(time.time(), 3), **failure})
            else:
                self._omitted += 1
            self._told.notify()

    def _work(self) -> None:
        while True:
            with self._told:
                self._told.wait_for(lambda: self._failures or self._ending)
                if not self._failures:
                    return
                failures, self._failures = self._failures, []
                omitted, self._omitted = self._omitted, 0
            document = {
                "host": platform.node(),
                "store": self._store,
                "failures": failures,
                "omitted": omitted,
            }
            self._run(json.dumps(document).encode("ascii") + b"\n")
            with self._told:
                self._told.wait_for(lambda: self._ending, self._pause)

    def _run(self, document: bytes) -> None:
        try:
            # A session of its own, so that whatever it starts can be ended with it.
            running = subprocess.Popen(
                self._words,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as why:
            self._say(f"on_failure: {self._words[0]} cannot be run ({why.strerror or why})")
            return
        try:
            running.communicate(document, timeout=self._timeout)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(OSError):
                os.killpg(running.pid, signal.SIGKILL)
            running.wait()
            self._say(f"on_failure: {self._words[0]} was ended after {self._timeout:g} seconds")
            return
        if running.returncode:
            self._say(f"on_failure: {self._words[0]} ended with {running.returncode}")
