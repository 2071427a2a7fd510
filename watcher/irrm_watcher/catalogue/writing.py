"""The one writer of a catalogue."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from irrm_core.archive.catalogue import TRANSITIONS, WAITING, Catalogue, State, StorageClass
from irrm_core.archive.catalogue.columns import placeholders, row_of
from irrm_core.archive.catalogue.entry import Entry, Signature
from irrm_core.archive.catalogue.opening import refuse_network, translated
from irrm_core.imagefile.atomic import sync_folder
from irrm_watcher.catalogue.lock import WriterLock
from irrm_watcher.catalogue.store import check_belongs, refuse_fresh_start
from irrm_watcher.catalogue.tables import begin, connect_to_write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_DEFAULTS: dict[str, Any] = {
    field.name: {} if field.name == "measured" else field.default
    for field in fields(Entry)
    if field.kw_only and field.name not in {"id", "root", "path", "version", "state"}
}
# What a file has that is stored, and loses when it is not to be after all.
_UNSTORED = {
    name: _DEFAULTS[name]
    for name in (
        "storage", "stored_path", "stored_size", "stored_sha256",
        "model", "weights_hash", "scale", "measured", "archived_at",
    )
}  # fmt: skip
_SETTLED = {"attempts": 0, "retry_at": None}
_NAMING = frozenset({"id", "root", "path", "version", "state", "changed_at"})


class CatalogueWriter(Catalogue):
    """Reads and writes a catalogue; while it is open, nobody else writes it.

    Made by `open`. Every change is one transaction that survives a power cut when the method
    returns, unless it is made within `batch`. Each may be repeated. May be used from several
    threads: changes wait for one another.
    """

    def __init__(
        self,
        path: Path,
        connection: sqlite3.Connection,
        lock: WriterLock | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(path, connection)
        self._lock = lock
        self._clock = clock
        self._turn = threading.RLock()
        self._depth = 0

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        *,
        store: str | os.PathLike[str] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> Self:
        """Open a catalogue as its writer; make a new one for a store that is empty.

        Parameters
        ----------
        path : path
            The catalogue's file. Its folder must exist.
        store : path, optional
            The folder of the store that it tells of; by default the one it lies in.
        clock : callable
            Gives the time in seconds since 1970, for `changed_at` and the like.

        Raises
        ------
        CatalogueMissingError
            There is none, but the store holds files.
        CatalogueDamagedError
            The file is not a catalogue, or a check finds damage.
        CatalogueError
            Another process writes it, it is of a newer version or of another store, or it would
            lie on a network file system.
        """
        place = Path(path)
        home = place.parent if store is None else Path(store)
        refuse_network(place)
        lock = WriterLock(place)
        lock.acquire()
        try:
            refuse_fresh_start(place, home)
            if not place.exists():
                begin(place)
            writer = cls(place, connect_to_write(place), lock, clock)
            try:
                sync_folder(place.parent)
                check_belongs(writer, home)
            except BaseException:
                writer._connection.close()
                raise
        except BaseException:
            lock.release()
            raise
        return writer

    def close(self) -> None:
        """Close the file and let others write."""
        super().close()
        if self._lock is not None:
            self._lock.release()

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Make all changes within one transaction: all of them last, or after an error none."""
        with self._turn, translated(self.path):
            if not self._depth:
                self._connection.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if not self._depth and self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
            self._depth -= 1
            if not self._depth:
                self._commit()

    def see(self, root: str, path: bytes, found: Signature, mode: int) -> Entry:
        """Enter a new file, or a new content at a known path, as ``seen``.

        After an archived version it becomes the next; a version that was never archived is
        replaced in its row.

        Parameters
        ----------
        root : str
            Name of the watched folder.
        path : bytes
            Relative to it.
        found : Signature
            Of the file.
        mode : int
            Of the file, as `os.stat` gives it.
        """
        now = self._clock()
        columns = _DEFAULTS | {
            "size": found.size,
            "mtime_ns": found.mtime_ns,
            "seen_mtime_ns": found.mtime_ns,
            "inode": found.inode,
            "device": found.device,
            "mode": mode,
            "seen_at": now,
            "changed_at": now,
        }
        with self.batch():
            before = self.newest(root, path)
            if before is not None and not before.archived:
                return self._change(before, {"state": State.seen, **columns})
            version = 1 if before is None else before.version + 1
            where = {"root": root, "path": path, "version": version, "state": State.seen}
            return self.add(where | columns)

    def touch(self, entry: Entry, found: Signature) -> Entry:
        """Note that the file stands in its place with the content known, whatever its times."""
        columns: dict[str, Any] = {
            "seen_mtime_ns": found.mtime_ns,
            "inode": found.inode,
            "device": found.device,
            "present": True,
        }
        if not entry.archived:
            columns["mtime_ns"] = found.mtime_ns
        return self.update(entry, **columns)

    def advance(self, entry: Entry, state: State, **columns: Any) -> Entry:
        """Take an entry to a state, with other columns, in one transaction.

        What belongs to the state comes with it unless it is given: times of quarantine and
        purge; a file that goes back, is kept or fails has nothing stored; one that is taken up
        has no reason, one that is done no failed attempts.

        Raises
        ------
        ValueError
            That state cannot follow the entry's, or the entry has meanwhile gone elsewhere.
        """
        if state not in TRANSITIONS[entry.state]:
            raise ValueError(f"{entry.path!r} in {entry.root}: {state} cannot follow {entry.state}")
        with self.batch():
            now = self.entry(entry.id)
            if now is None or now.state not in (entry.state, state):
                found = "gone" if now is None else now.state
                raise ValueError(
                    f"{entry.path!r} in {entry.root}: should go from {entry.state} to {state}, but "
                    f"is {found}"
                )
            changes = {**self._belonging(now, state), **columns, "state": state}
            return self._change(entry, {**changes, "changed_at": self._clock()})

    def update(self, entry: Entry, **columns: Any) -> Entry:
        """Change columns of an entry without taking it to another state."""
        if wrong := columns.keys() & _NAMING:
            raise TypeError(f"{', '.join(sorted(wrong))}: cannot be changed like this")
        return self._change(entry, {**columns, "changed_at": self._clock()})

    def forget(self, entry: Entry) -> None:
        """Remove the entry of a file that is gone and was never archived.

        Raises
        ------
        ValueError
            It is archived: its archive file would be of no entry.
        """
        with self.batch():
            now = self.entry(entry.id)
            if now is not None and now.archived:
                raise ValueError(f"{entry.path!r} in {entry.root}: is archived; not forgotten")
            self._connection.execute("DELETE FROM entry WHERE id = ?", (entry.id,))

    def write_note(self, key: str, value: str) -> None:
        """Keep a text under a key, for `note`."""
        with self.batch():
            self._connection.execute("INSERT OR REPLACE INTO note VALUES (?, ?)", (key, value))

    def read_journal(self, store: str | os.PathLike[str]) -> int:
        """Take over what was newly written into a store's journal of restored files.

        Returns
        -------
        int
            Number of new lines.
        """
        from irrm_core.archive.recall.journal import Journal

        with self.batch():
            lines, offset = Journal(store).read_from(int(self.note("journal") or 0))
            if lines:
                self._connection.executemany(
                    "INSERT OR IGNORE INTO restored VALUES (?, ?, ?)",
                    [(line.sha256, os.fsencode(line.path), line.at) for line in lines],
                )
                self.write_note("journal", str(offset))
        return len(lines)

    def add(self, columns: dict[str, Any]) -> Entry:
        """Enter a whole row, as a rebuild does; `see` is for everything else."""
        row = row_of(columns)
        with self.batch():
            cursor = self._connection.execute(
                f"INSERT INTO entry ({', '.join(row)}) VALUES ({placeholders(row)})",
                tuple(row.values()),
            )
            assert cursor.lastrowid is not None
            return self._known(cursor.lastrowid)

    def _belonging(self, entry: Entry, state: State) -> dict[str, Any]:
        if state == entry.state:
            return {}
        if state in WAITING or state == State.failed:
            return _UNSTORED
        if state == State.kept:
            return _UNSTORED | _SETTLED | {"storage": StorageClass.kept}
        if state == State.claimed:
            return {"reason": ""}
        if state == State.committed:
            return _SETTLED | dict.fromkeys(("quarantine_path", "quarantined_at", "purged_at"))
        if state == State.quarantined:
            return {"quarantined_at": self._clock(), "present": False}
        if state == State.purged:
            return {"purged_at": self._clock(), "quarantine_path": None}
        return {}

    def _change(self, entry: Entry, columns: dict[str, Any]) -> Entry:
        row = row_of(columns)
        changes = ", ".join(f"{name} = ?" for name in row)
        with self.batch():
            try:
                self._connection.execute(
                    f"UPDATE entry SET {changes} WHERE id = ?", (*row.values(), entry.id)
                )
            except sqlite3.IntegrityError as why:
                raise ValueError(
                    f"{entry.path!r} in {entry.root}: its archive file is another entry's ({why})"
                ) from why
            return self._known(entry.id)

    def _known(self, number: int) -> Entry:
        entry = self.entry(number)
        if entry is None:
            raise ValueError(f"entry {number} is in the catalogue no more")
        return entry

    def _commit(self) -> None:
        try:
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise
