"""A watched folder with a store in a temporary place, worked by the real command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from irrm_core.archive.catalogue import Summary

_CONFIGURATION = """\
store = "{store}"

[daemon]
workers = {workers}
threads = {threads}
device = "cpu"
rescan = "1h"
idle = "2s"
reserve = "0 B"

[[folder]]
name = "incoming"
path = "{root}"
delay = "{delay}"
{rule}
"""

# Whatever a model makes of a picture passes: speed is measured, not quality.
SMALL_ONLY = """\
classes = ["lr", "kept"]
scale = 2
[folder.floors]
psnr = 0
ssim = 0
"""


@dataclass(frozen=True)
class Ground:
    """Where a watcher is measured.

    Attributes
    ----------
    place : Path
        An empty folder.
    threads : int
        Of torch, in each worker.
    """

    place: Path
    threads: int

    @property
    def root(self) -> Path:
        """The watched folder."""
        return self.place / "incoming"

    @property
    def store(self) -> Path:
        """The store."""
        return self.place / "store"

    @property
    def catalogue(self) -> Path:
        """The catalogue."""
        return self.store / "catalogue.sqlite3"

    @property
    def environment(self) -> dict[str, str]:
        """Of every process that is measured: libraries beside torch take no more threads."""
        return {**os.environ, "OMP_NUM_THREADS": str(self.threads)}

    def configure(self, rule: str = "", *, delay: str = "0s", workers: int = 1) -> None:
        """Write the configuration; only events wake the watcher, the next full scan is far."""
        self.root.mkdir(parents=True, exist_ok=True)
        (self.place / "watch.toml").write_text(
            _CONFIGURATION.format(
                store=self.store,
                root=self.root,
                threads=self.threads,
                workers=workers,
                delay=delay,
                rule=rule,
            ),
            encoding="utf-8",
        )

    def command(self, verb: str) -> list[str]:
        """Return `irrm-watch VERB` with the configuration."""
        config = str(self.place / "watch.toml")
        return [sys.executable, "-m", "irrm_watcher", verb, "--config", config]

    @contextmanager
    def daemon(self) -> Iterator[int]:
        """Run the daemon, and give its process number.

        Raises
        ------
        RuntimeError
            It ended by itself, or with an error when asked to end.
        """
        log = self.place / "daemon.log"
        with log.open("wb") as stream:
            process = subprocess.Popen(
                self.command("run"), env=self.environment, stdout=stream, stderr=stream
            )
        try:
            wait_for(lambda: self.catalogue.exists() or process.poll() is not None, 60, "start")
            yield process.pid
        except RuntimeError as error:
            raise RuntimeError(f"{error}\n{_end_of(log)}") from error
        finally:
            process.send_signal(signal.SIGTERM)
            code = process.wait(60)
        if code:
            raise RuntimeError(f"irrm-watch run ended with {code}:\n{_end_of(log)}")

    def summary(self) -> Summary:
        """Return what the catalogue says of all files."""
        from irrm_core.archive.catalogue import Catalogue

        with Catalogue.open(self.catalogue) as catalogue:
            return catalogue.summary()

    def archived(self) -> int:
        """Return how many files are archived."""
        from irrm_core.archive.catalogue import State

        return self.summary().states.get(State.committed, 0)

    def unknown(self) -> set[bytes]:
        """Return the files of the watched folder that the catalogue does not know."""
        from irrm_core.archive.catalogue import Catalogue

        with Catalogue.open(self.catalogue) as catalogue:
            known = {entry.path for entry in catalogue.entries()}
        files = (path for path in self.root.rglob("[!.]*") if path.is_file())
        return {os.fsencode(path.relative_to(self.root)) for path in files} - known


def wait_for(condition: Callable[[], bool], seconds: float, what: str) -> float:
    """Wait until a condition holds, and return how many seconds that took.

    Raises
    ------
    RuntimeError
        It does not hold after so many seconds.
    """
    began = time.perf_counter()
    while not condition():
        if time.perf_counter() - began > seconds:
            raise RuntimeError(f"waited {seconds:.0f} s in vain: {what}")
        time.sleep(0.1)
    return time.perf_counter() - began


def _end_of(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-2000:]


def rises_to(count: Callable[[], int], goal: int, *, patience: float) -> None:
    """Wait until a count reaches a goal, or has stood still for so many seconds."""
    last, since = count(), time.perf_counter()
    while last < goal and time.perf_counter() - since < patience:
        time.sleep(0.1)
        now = count()
        if now != last:
            last, since = now, time.perf_counter()
