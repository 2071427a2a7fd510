from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from irrm_core.archive.catalogue import Catalogue, Entry
from irrm_watcher.config import Config
from irrm_watcher.daemon import Daemon
from irrm_watcher.pipeline import archiving, checking, leaving, quarantine, recovery
from irrm_watcher.pipeline.observer import Observer, Scanned

MODULES = (archiving, checking, leaving, quarantine, recovery)


class Crash(BaseException):
    """Stands for SIGKILL where a test looks on: nothing catches it."""


@dataclass
class Seen(Observer):
    """Remembers what was told."""

    events: list[tuple[str, Any]] = field(default_factory=list)
    on: dict[str, Callable[[Any], None]] = field(default_factory=dict)

    def _note(self, name: str, what: Any) -> None:
        self.events.append((name, what))
        if name in self.on:
            self.on[name](what)

    def named(self, name: str) -> list[Any]:
        return [what for event, what in self.events if event == name]

    def started(self, recovered: Any, watching: Any) -> None:
        self._note("started", recovered)

    def watched(self, root: str, watching: Any) -> None:
        self._note("watched", watching)

    def scanned(self, scanned: Scanned) -> None:
        self._note("scanned", scanned)

    def claimed(self, entry: Entry) -> None:
        self._note("claimed", entry)

    def committed(self, entry: Entry) -> None:
        self._note("committed", entry)

    def quarantined(self, entry: Entry) -> None:
        self._note("quarantined", entry)

    def purged(self, entry: Entry) -> None:
        self._note("purged", entry)

    def kept(self, entry: Entry) -> None:
        self._note("kept", entry)

    def returned(self, entry: Entry, reason: str) -> None:
        self._note("returned", entry)

    def retrying(self, entry: Entry, reason: str) -> None:
        self._note("retrying", entry)

    def failed(self, entry: Entry, reason: str) -> None:
        self._note("failed", entry)

    def trouble(self, what: str) -> None:
        self._note("trouble", what)

    def resting(self, why: str) -> None:
        self._note("resting", why)

    def idle(self) -> None:
        self._note("idle", None)


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.at, self.since_boot, self.name = 1_000_000.0, 5_000.0, "first"

    def wall(self) -> float:
        return self.at

    def steady(self) -> float:
        return self.since_boot

    def boot(self) -> str:
        return self.name

    def pass_(self, seconds: float) -> None:
        self.at += seconds
        self.since_boot += seconds


@dataclass
class Place:
    """A watched folder with a store, whose files are stored byte for byte: no model is loaded."""

    path: Path
    seen: Seen = field(default_factory=Seen)

    @property
    def root(self) -> Path:
        return self.path / "incoming"

    @property
    def store(self) -> Path:
        return self.path / "store"

    def put(self, name: str | bytes, content: bytes = b"a line that repeats\n" * 50) -> Path:
        path = self.root / os.fsdecode(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def config(self, folder: dict[str, Any] | None = None, **daemon: Any) -> Config:
        self.root.mkdir(exist_ok=True)
        keys = {"name": "incoming", "path": self.root, "delay": 0.0, "classes": ["exact"]}
        return Config.model_validate(
            {
                "store": self.store,
                "daemon": {"reserve": 0, "threads": 1, "retries": 1, **daemon},
                "folder": [{**keys, **(folder or {})}],
            }
        )

    def daemon(self, folder: dict[str, Any] | None = None, **daemon: Any) -> Daemon:
        return Daemon(self.config(folder, **daemon), observer=self.seen)

    def entries(self) -> list[Entry]:
        with Catalogue.open(self.store / "catalogue.sqlite3") as catalogue:
            return catalogue.entries()

    def entry(self, name: str | bytes) -> Entry:
        with Catalogue.open(self.store / "catalogue.sqlite3") as catalogue:
            found = catalogue.newest("incoming", os.fsencode(name))
        assert found is not None
        return found

    def leftovers(self) -> list[Path]:
        spool = self.store / "spool"
        return [
            path
            for path in self.path.rglob("*")
            if path.is_file() and (path.suffix == ".part" or path.parent == spool)
        ]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def crash_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Let this process crash, for its own part, where a failpoint is reached."""

    def set_point(wanted: str) -> None:
        def reach(name: str) -> None:
            if name == wanted:
                raise Crash(name)

        for module in MODULES:
            monkeypatch.setattr(module, "reach", reach)

    return set_point
