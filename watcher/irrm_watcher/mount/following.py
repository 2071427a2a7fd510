"""What of a catalogue a mount shows, and when to look again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from irrm_core.archive.catalogue import ARCHIVED, Catalogue, Selection

if TYPE_CHECKING:
    from pathlib import Path

    from irrm_core.archive.catalogue import Entry

Version = tuple[tuple[int, int, int] | None, ...]


def entries_shown(catalogue: Path) -> list[Entry]:
    """Return of each path the newest version that the store can give back."""
    with Catalogue.open(catalogue) as opened:
        return opened.select(Selection(all=True, states=ARCHIVED))


def version_of(catalogue: Path) -> Version:
    """Return what differs when the catalogue, or the log that SQLite has of it, was written."""
    return tuple(_state(catalogue.with_name(catalogue.name + tail)) for tail in ("", "-wal"))


def _state(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns
