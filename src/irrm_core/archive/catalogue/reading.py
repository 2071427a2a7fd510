"""The catalogue of a store, read-only: for the command, the plugin, and beside the daemon."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from irrm_core.archive.catalogue.columns import COLUMNS, SELECT, entry_of, placeholders
from irrm_core.archive.catalogue.opening import connect_to_read, translated
from irrm_core.archive.catalogue.searching import NAMED, Found, Search, names
from irrm_core.archive.catalogue.states import PENDING, State, StorageClass
from irrm_core.archive.catalogue.summary import Summary, Tally

if TYPE_CHECKING:
    import os
    import sqlite3
    from collections.abc import Iterable, Sequence

    from irrm_core.archive.catalogue.entry import Entry
    from irrm_core.archive.catalogue.selection import Place, Selection

_NEWEST = (
    "NOT EXISTS (SELECT 1 FROM entry AS newer WHERE newer.root = entry.root "
    "AND newer.path = entry.path AND newer.version > entry.version)"
)
# No one is told to wait for two days: such a time was noted before the clock was set back.
_NOT_LATER = "coalesce(retry_at - ?, 0) NOT BETWEEN 1e-6 AND 172800"
_ROOT, _PATH = COLUMNS.index("root"), COLUMNS.index("path")
_AT_ONCE = 500  # of the values that a query of SQLite takes
_BY_PATH = " ORDER BY root, path, version"


class Catalogue:
    """What is known of every file of the watched folders.

    Made by `open`; a context manager. Every query sees one consistent state; a later one may
    see more. May be used from several threads, one at a time.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Self:
        """Open a catalogue for reading, also while a daemon writes it.

        Raises
        ------
        CatalogueError
            It is missing, damaged, of a newer version, or on a network file system; the
            subclasses tell the first two apart.
        """
        place = Path(path)
        return cls(place, connect_to_read(place))

    def close(self) -> None:
        """Close the file; the catalogue is of no more use."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def entries(
        self,
        *,
        root: str | None = None,
        states: Iterable[State] | None = None,
        below: bytes = b"",
        newest: bool = False,
        limit: int | None = None,
    ) -> list[Entry]:
        """Return entries by root, path and version.

        Parameters
        ----------
        root : str, optional
            Of this watched folder only.
        states : iterable of State, optional
            In one of these only.
        below : bytes
            In this folder, at any depth, or this file, only; relative to the watched folder.
        newest : bool
            The newest version of each path only; another state of it hides it.
        limit : int, optional
            The first so many.
        """
        terms, values = [], list[Any]()
        if root is not None:
            terms.append("root = ?")
            values.append(root)
        if states is not None:
            wanted = tuple(states)
            terms.append(f"state IN ({placeholders(wanted)})")
            values += wanted
        if below:
            # "/" is followed by "0": the range is everything that begins with the folder.
            terms.append("(path = ? OR path > ? AND path < ?)")
            values += (below, below + b"/", below + b"0")
        if newest:
            terms.append(_NEWEST)
        tail = _BY_PATH if limit is None else f"{_BY_PATH} LIMIT {int(limit)}"
        return self._entries(terms, values, tail)

    def entry(self, number: int) -> Entry | None:
        """Return the entry with this `id`."""
        return next(iter(self._entries(["id = ?"], [number])), None)

    def newest(self, root: str, path: bytes) -> Entry | None:
        """Return the newest version of the file at a path."""
        tail = " ORDER BY version DESC LIMIT 1"
        return next(iter(self._entries(["root = ?", "path = ?"], [root, path], tail)), None)

    def versions(self, root: str, path: bytes) -> list[Entry]:
        """Return all versions of the file at a path, the oldest first."""
        return self._entries(["root = ?", "path = ?"], [root, path], _BY_PATH)

    def with_content(self, sha256: str) -> list[Entry]:
        """Return the entries whose originals have this SHA-256."""
        return self._entries(["sha256 = ?"], [sha256], _BY_PATH)

    def waiting(self, roots: Iterable[str], *, now: float, pace: float, limit: int) -> list[Entry]:
        """Return stable entries whose turn is first: each as if it had come later by its work.

        Parameters
        ----------
        roots : iterable of str
            Of these watched folders only.
        now : float
            Entries to be tried again only later are left out.
        pace : float
            Bytes a second, by which a size becomes a time.
        limit : int
            How many.
        """
        names = sorted(roots)
        terms = ["state = ?", f"root IN ({placeholders(names)})"]
        terms.append(_NOT_LATER)
        return self._entries(
            terms,
            [State.stable, *names, now],
            f" ORDER BY seen_at + size / {float(pace)!r}, id LIMIT {int(limit)}",
        )

    def to_quarantine(self, root: str, *, now: float, limit: int) -> list[Entry]:
        """Return archived entries of a root whose originals stand there and were never moved."""
        terms = [
            "state = ?",
            "root = ?",
            "present",
            "quarantined_at IS NULL",
            "quarantine_path IS NULL",
        ]
        terms.append(_NOT_LATER)
        terms.append(_NEWEST)
        return self._entries(terms, [State.committed, root, now], f" LIMIT {int(limit)}")

    def moving(self, root: str) -> list[Entry]:
        """Return entries whose originals were on their way into quarantine at a crash."""
        terms = ["state = ?", "root = ?", "quarantine_path IS NOT NULL"]
        return self._entries(terms, [State.committed, root])

    def to_purge(self, root: str, *, before: float, now: float) -> list[Entry]:
        """Return entries whose originals came into quarantine before a time, the oldest first."""
        terms = ["state = ?", "root = ?", "quarantined_at <= ?"]
        terms.append(_NOT_LATER)
        return self._entries(
            terms, [State.quarantined, root, before, now], " ORDER BY quarantined_at"
        )

    def select(self, selection: Selection) -> list[Entry]:
        """Return the entries that are meant, by root, path, and from the newest version."""
        if selection.empty:
            return []
        terms, values = [], list[Any]()
        for column, wanted in (("storage", selection.classes), ("state", selection.states)):
            if wanted:
                terms.append(f"{column} IN ({placeholders(wanted)})")
                values += sorted(wanted)
        for sign, time in ((">=", selection.since), ("<", selection.until)):
            if time is not None:
                terms.append(f"coalesce(archived_at, seen_at) {sign} ?")
                values.append(time)
        if selection.paths and not selection.globs and not selection.all:
            # A few files are found by the index; a folder is a range of it.
            return list(selection.of(self._at(selection.paths, terms, values)))
        where = f" WHERE {' AND '.join(terms)}" if terms else ""
        rows = self._rows(SELECT + where, values)
        # Most rows need not become entries to be passed over.
        named = (row for row in rows if selection.names(row[_ROOT], row[_PATH]))
        return list(selection.of(map(entry_of, named)))

    def _at(self, places: Iterable[Place], terms: list[str], values: list[Any]) -> list[Entry]:
        found: dict[int, Entry] = {}
        for root in self.roots():
            for place in places:
                if place.root in (None, root):
                    where, what = ["root = ?"], list[Any]([root])
                    if place.path:
                        where.append("(path = ? OR path > ? AND path < ?)")
                        what += (place.path, place.path + b"/", place.path + b"0")
                    rows = self._entries([*where, *terms], [*what, *values])
                    found.update((entry.id, entry) for entry in rows)
        return list(found.values())

    def search(self, search: Search) -> Found:
        """Return the numbers of the entries that are looked for, in order."""
        query, values = search.sql()
        with translated(self.path):
            self._connection.create_function(NAMED, 2, names, deterministic=True)
            return Found.of(self._connection.execute(query, values))

    def numbered(self, numbers: Sequence[int]) -> list[Entry]:
        """Return the entries with these `id`, in this order; those that are gone are left out."""
        found: dict[int, Entry] = {}
        for start in range(0, len(numbers), _AT_ONCE):
            part = numbers[start : start + _AT_ONCE]
            entries = self._entries([f"id IN ({placeholders(part)})"], list(part))
            found.update((entry.id, entry) for entry in entries)
        return [found[number] for number in numbers if number in found]

    def changes(self) -> int:
        """Return a number that is another one after the daemon wrote something."""
        changed: int = self._rows("PRAGMA data_version")[0][0]
        return changed

    def roots(self) -> list[str]:
        """Return the names of the watched folders that entries are of."""
        return [row[0] for row in self._rows("SELECT DISTINCT root FROM entry ORDER BY root")]

    def summary(self) -> Summary:
        """Count and sum all entries."""
        rows = self._rows(
            "SELECT root, state, storage, count(*), sum(size), coalesce(sum(stored_size), 0) "
            "FROM entry GROUP BY state, storage, root"
        )
        tallies = tuple(
            Tally(root, State(state), storage and StorageClass(storage), files, size, stored)
            for root, state, storage, files, size, stored in rows
        )
        pending = f"SELECT min(seen_at) FROM entry WHERE state IN ({placeholders(PENDING)})"
        (oldest,) = self._rows(pending, sorted(PENDING))[0]
        (last,) = self._rows("SELECT max(archived_at) FROM entry")[0]
        return Summary(tallies, oldest, last)

    def oldest_in_quarantine(self) -> dict[str, float]:
        """Return since when the first original of each root is in quarantine, where one is."""
        rows = self._rows(
            "SELECT root, min(quarantined_at) FROM entry WHERE state = ? "
            "AND quarantined_at IS NOT NULL GROUP BY root",
            (State.quarantined,),
        )
        return dict(rows)

    def reasons(self, which: State | StorageClass, *, limit: int = 20) -> list[tuple[str, int]]:
        """Return why entries are in a state or class and how many each, the commonest first."""
        column = "state" if isinstance(which, State) else "storage"
        return self._rows(
            f"SELECT reason, count(*) FROM entry WHERE {column} = ? GROUP BY reason "
            "ORDER BY count(*) DESC, reason LIMIT ?",
            (which, limit),
        )

    def was_restored(self, sha256: str) -> bool:
        """Return whether a file with this SHA-256 was ever restored from the store."""
        return bool(self._rows("SELECT 1 FROM restored WHERE sha256 = ? LIMIT 1", (sha256,)))

    def note(self, key: str) -> str | None:
        """Return what the writer noted under a key; None if nothing."""
        rows = self._rows("SELECT value FROM note WHERE key = ?", (key,))
        return rows[0][0] if rows else None

    def _entries(self, terms: list[str], values: list[Any], tail: str = "") -> list[Entry]:
        where = f" WHERE {' AND '.join(terms)}" if terms else ""
        return [entry_of(row) for row in self._rows(SELECT + where + tail, values)]

    def _rows(self, query: str, values: Iterable[Any] = ()) -> list[Any]:
        with translated(self.path):
            return self._connection.execute(query, tuple(values)).fetchall()
