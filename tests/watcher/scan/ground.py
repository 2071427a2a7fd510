"""A watched folder with a scanner, a catalogue and a clock for tests."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from irrm_core.archive.catalogue import Entry, State
from irrm_watcher.scan import (
    Found,
    OwnFiles,
    RootMarkers,
    Scan,
    Scanner,
    Taking,
    What,
)

DELAY = 10.0


class Ground:
    """A watched folder with a scanner whose clock is turned by hand."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.root = folder / "in"
        self.store = folder / "store"
        self.root.mkdir(exist_ok=True)
        self.store.mkdir(exist_ok=True)
        self.now = 100.0
        self.rows: dict[bytes, Entry] = {}
        self.options = options
        self.scanner = self.make_scanner()

    def make_scanner(self) -> Scanner:
        return Scanner(
            "in",
            self.root,
            known=self,
            markers=RootMarkers(self.store),
            ours=OwnFiles(self.store),
            delay=DELAY,
            clock=lambda: self.now,
            **{"taking": Taking(), **self.options},
        )

    def newest(self, root: str, path: bytes) -> Entry | None:
        return self.rows.get(path)

    def entries(
        self, *, root: str, newest: bool = False, limit: int | None = None
    ) -> Iterable[Entry]:
        return list(self.rows.values())[:limit]

    def write(self, name: str | bytes, content: bytes = b"content") -> bytes:
        path = os.fsencode(name)
        place = self.root / os.fsdecode(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        return path

    def take(self, found: Found, state: State = State.committed) -> None:
        """Let the catalogue know a file."""
        size, mtime_ns, inode, device = found.signature
        self.rows[found.path] = Entry(
            id=len(self.rows), root="in", path=found.path, version=1, state=state, size=size,
            mtime_ns=mtime_ns, inode=inode, device=device, mode=found.mode, seen_at=0, changed_at=0,
        )  # fmt: skip

    def settled(self, paths: Iterable[bytes] | None = None) -> dict[bytes, What]:
        """Scan, wait for the delay, scan again; what was decided in the end."""
        first = self.scan(paths)
        self.now += DELAY
        return said(first) | said(self.scan(() if paths is not None else None))

    def scan(self, paths: Iterable[bytes] | None = None) -> Scan:
        return self.scanner.scan(None if paths is None else list(paths))

    def take_all(self) -> None:
        """Let the catalogue know everything that stands there."""
        self.scan()
        self.now += DELAY
        for decision in self.scan().decisions:
            assert decision.found is not None
            self.take(decision.found)


def said(scan: Scan) -> dict[bytes, What]:
    return {decision.path: decision.what for decision in scan.decisions}
