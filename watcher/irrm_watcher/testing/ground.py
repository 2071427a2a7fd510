"""A watched folder, a store and a configuration in a temporary place, worked by the command."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from irrm_watcher.failpoints import VARIABLE
from irrm_watcher.testing.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from irrm_core.archive.catalogue import Entry

_CONFIGURATION = """\
store = "{store}"

[daemon]
workers = 1
threads = 1
reserve = "0 B"
rescan = "2s"

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
    delay, quarantine : str
        Durations as in the configuration.
    rule : str
        More lines of the watched folder's table.
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
        rule: str = "",
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.place = place
        self.root = place / "incoming"
        self.store = place / "store"
        self.catalogue = self.store / "catalogue.sqlite3"
        self.config = place / "watch.toml"
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

    def archived(self) -> set[str]:
        """Return the hashes of the contents that the catalogue says are archived."""
        entries = entries_of(self.catalogue)
        return {entry.sha256 for entry in entries if entry.archived and entry.sha256 is not None}

    def start(self, verb: str, *words: str | Path, failpoint: str = "") -> subprocess.Popen[str]:
        """Start `irrm-watch VERB --config … WORDS` in a process of its own."""
        return subprocess.Popen(
            self._command(verb, words),
            env={**self._environment, VARIABLE: failpoint},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="backslashreplace",
        )

    def run(
        self, verb: str, *words: str | Path, failpoint: str = "", check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run a verb to its end.

        Raises
        ------
        AssertionError
            It failed, and `check` is true.
        """
        process = self.start(verb, *words, failpoint=failpoint)
        out, said = process.communicate(timeout=600)
        if check and process.returncode != 0:
            raise AssertionError(f"irrm-watch {verb} ended with {process.returncode}:\n{out}{said}")
        return subprocess.CompletedProcess(process.args, process.returncode, out, said)

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

    if not catalogue.exists():
        return []
    with closing(Catalogue.open(catalogue)) as known:
        return list(known.entries())
