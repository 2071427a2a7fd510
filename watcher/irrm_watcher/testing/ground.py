"""A watched folder, a store and a configuration in a temporary place, worked by the command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from irrm_watcher.failpoints import VARIABLE
from irrm_watcher.testing.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from irrm_core.archive.catalogue import Entry, State

_CONFIGURATION = """\
store = "{store}"

[daemon]
workers = 1
threads = 1
reserve = "0 B"
rescan = "{rescan}"

[[folder]]
name = "incoming"
path = "{root}"
mode = "{mode}"
leave = "{leave}"
delay = "{delay}"
quarantine = "{quarantine}"
minimum_saving = 0.02
include = ["**"]
{rule}
[folder.floors]
psnr = 8
ssim = 0
"""


class Ground:
    """A place where a watcher may be harmed.

    Parameters
    ----------
    place : Path
        An empty folder, on a file system that may be filled.
    mode : str
        ``"copy"`` or ``"replace"``.
    leave : str
        As in the configuration.
    delay, quarantine, rescan : str
        Durations as in the configuration.
    rule : str
        More lines of the watched folder's table.
    store : Path, optional
        Where the store is; by default in the place.
    environment : mapping, optional
        Added to that of every process, such as where the models lie.
    """

    def __init__(
        self,
        place: Path,
        *,
        mode: str = "copy",
        leave: str = "nothing",
        delay: str = "0s",
        quarantine: str = "30d",
        rescan: str = "2s",
        rule: str = "",
        store: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.place = place
        self.root = place / "incoming"
        self.store = store or place / "store"
        self.catalogue = self.store / "catalogue.sqlite3"
        self.config = place / "watch.toml"
        self.log = place / "log.txt"
        self.mode = mode
        self.ledger = Ledger()
        self._environment = {**os.environ, **(environment or {})}
        self.root.mkdir(parents=True)
        self.config.write_text(
            _CONFIGURATION.format(
                store=self.store,
                root=self.root,
                mode=mode,
                leave=leave,
                delay=delay,
                quarantine=quarantine,
                rescan=rescan,
                rule=rule,
            ),
            encoding="utf-8",
        )

    def path(self, name: bytes) -> Path:
        """Return where a file of the watched folder lies."""
        return self.root / os.fsdecode(name)

    def put(self, name: bytes, content: bytes) -> None:
        """Write a file as a program would that knows of no watcher."""
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        self.ledger.put(name, content, self.archived())

    def delete(self, name: bytes) -> None:
        """Delete a file that may have been taken away already."""
        self.path(name).unlink(missing_ok=True)
        self.ledger.delete(name, self.archived())

    def rename(self, name: bytes, to: bytes) -> None:
        """Rename a file if it still stands there as it was left, onto a free name."""
        if self.path(name).exists() and not self.path(to).exists():
            self.path(name).rename(self.path(to))
            self.ledger.rename(name, to, self.archived())

    @property
    def entries(self) -> list[Entry]:
        """Everything that the catalogue knows; nothing while there is none."""
        return entries_of(self.catalogue)

    def count(self, state: State) -> int:
        """Return how many files the catalogue has in a state."""
        from irrm_core.archive.catalogue import Catalogue
        from irrm_core.errors import CatalogueMissingError

        with suppress(CatalogueMissingError), Catalogue.open(self.catalogue) as known:
            return known.summary().states.get(state, 0)
        return 0

    def archived(self) -> set[str]:
        """Return the hashes of the contents that the catalogue says are archived."""
        entries = self.entries
        return {entry.sha256 for entry in entries if entry.archived and entry.sha256 is not None}

    def start(self, verb: str, *words: str | Path, failpoint: str = "") -> subprocess.Popen[bytes]:
        """Start `irrm-watch VERB --config … WORDS`; what it says goes to the end of `log`."""
        with self.log.open("ab") as log:
            return subprocess.Popen(
                self._command(verb, words),
                env={**self._environment, VARIABLE: failpoint},
                stdout=log,
                stderr=log,
            )

    @contextmanager
    def daemon(self) -> Iterator[subprocess.Popen[bytes]]:
        """Have a daemon watch; it is asked to end afterwards, which it must do well.

        Raises
        ------
        AssertionError
            It ended by itself, or with another exit code than 0.
        """
        process = self.start("run")
        try:
            yield process
            assert process.poll() is None, f"ended with {process.returncode}:\n{self.said()}"
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0, f"ended with {process.returncode}:\n{self.said()}"
        finally:
            process.kill()
            process.wait()

    def wait_until(self, condition: Callable[[], bool], patience: float = 60.0) -> None:
        """Wait until something is so.

        Raises
        ------
        AssertionError
            It is not, after `patience` seconds.
        """
        end = time.monotonic() + patience
        while not condition():
            assert time.monotonic() < end, f"waited in vain; the watcher said:\n{self.said()}"
            time.sleep(0.05)

    def said(self) -> str:
        """Return what started processes have said so far."""
        if not self.log.exists():
            return ""
        return self.log.read_text(encoding="utf-8", errors="backslashreplace")

    def run(
        self, verb: str, *words: str | Path, failpoint: str = "", check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run a verb to its end.

        Raises
        ------
        AssertionError
            It failed, and `check` is true.
        """
        ended = subprocess.run(
            self._command(verb, words),
            env={**self._environment, VARIABLE: failpoint},
            capture_output=True,
            text=True,
            errors="backslashreplace",
            check=False,
            timeout=1800,
        )
        if check and ended.returncode != 0:
            raise AssertionError(
                f"irrm-watch {verb} ended with {ended.returncode}:\n{ended.stdout}{ended.stderr}"
            )
        return ended

    def settle(self) -> None:
        """Let a watcher work until nothing is left to do."""
        self.run("once")

    def _command(self, verb: str, words: Sequence[str | Path]) -> list[str]:
        options = ["--config", str(self.config)]
        verbs = verb.split()
        return [sys.executable, "-m", "irrm_watcher", *verbs, *options, *map(str, words)]


def entries_of(catalogue: Path) -> list[Entry]:
    """Return everything that a catalogue knows; nothing while there is none."""
    from irrm_core.archive.catalogue import Catalogue
    from irrm_core.errors import CatalogueMissingError

    with suppress(CatalogueMissingError), Catalogue.open(catalogue) as known:
        return known.entries()
    return []
