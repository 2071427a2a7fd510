"""Open the file of a catalogue for reading, also where nothing can be written."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote_from_bytes

from irrm_core.archive.catalogue.schema import APPLICATION_ID, SCHEMA_VERSION
from irrm_core.errors import CatalogueDamagedError, CatalogueError, CatalogueMissingError
from irrm_core.filesystem import filesystem_of

if TYPE_CHECKING:
    from collections.abc import Iterator

WAIT = 10.0
"""Seconds for which one waits for another connection."""

REBUILD = "`irrm-watch catalog rebuild`"

# What SQLite says of a file whose content is not what it wrote.
_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT})


def connect_to_read(path: Path) -> sqlite3.Connection:
    """Open a catalogue read-only: beside its writer, or on a disk that takes no writing.

    Raises
    ------
    CatalogueMissingError
        There is none.
    CatalogueDamagedError
        The file is not a catalogue.
    CatalogueError
        It is of a newer version, lies on a network file system, or cannot be read.
    """
    refuse_network(path)
    if not path.exists():
        raise CatalogueMissingError(
            f"{path}: there is no catalogue here; check the path, or make one from the store's own "
            f"records with {REBUILD}"
        )
    with translated(path):
        connection = _first_that_reads(path)
    try:
        if check_kind(path, connection) < SCHEMA_VERSION:
            raise CatalogueError(
                f"{path}: of an older version; start the daemon once, which brings it up to date"
            )
    except BaseException:
        connection.close()
        raise
    return connection


def _first_that_reads(path: Path) -> sqlite3.Connection:
    try:
        return _probed(_uri(path, "mode=ro"))
    except sqlite3.OperationalError as why:
        # SQLite wants to make files beside a catalogue, and this folder takes none.
        if why.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
            raise
        log = path.with_name(path.name + "-wal")
        if not log.exists() or not log.stat().st_size:
            return _probed(_uri(path, "immutable=1"))
        return _private_copy(path, log)


def _private_copy(path: Path, log: Path) -> sqlite3.Connection:
    """Read a copy in memory: a log that a crash left must be applied before one can read."""
    with tempfile.TemporaryDirectory(prefix="irrm-catalogue-") as folder:
        copy = Path(folder) / "catalogue"
        shutil.copyfile(path, copy)
        shutil.copyfile(log, copy.with_name(copy.name + "-wal"))
        memory = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        source = sqlite3.connect(copy)
        try:
            source.backup(memory)
        finally:
            source.close()
    return memory


def _probed(uri: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        uri, uri=True, timeout=WAIT, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _uri(path: Path, options: str) -> str:
    return f"file:{quote_from_bytes(os.fsencode(path.absolute()))}?{options}"


def check_kind(path: Path, connection: sqlite3.Connection) -> int:
    """Return the version of a catalogue's tables, if it is one that this code knows."""
    with translated(path):
        mark: int = connection.execute("PRAGMA application_id").fetchone()[0]
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if mark != APPLICATION_ID or not version:
        raise CatalogueDamagedError(
            f"{path}: is not a catalogue, or a damaged one; {REBUILD} --overwrite puts it aside "
            "and makes a new one from the store's own records"
        )
    if version > SCHEMA_VERSION:
        raise CatalogueError(
            f"{path}: was written by a newer irrm-watch (catalogue version {version}, known up to "
            f"{SCHEMA_VERSION}); update this one"
        )
    return version


def refuse_network(path: Path) -> None:
    """Raise `CatalogueError` if a path lies on a network file system."""
    place = filesystem_of(path)
    if place.network:
        raise CatalogueError(
            f"{path}: lies on a network file system ({place.type}), where a catalogue would be "
            "damaged sooner or later; name a place on a local disk as `catalogue` in the "
            "configuration (the store itself may stay)"
        )


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Raise what SQLite says of the catalogue at `path` as errors that say what to do."""
    try:
        yield
    except sqlite3.IntegrityError:
        raise
    except sqlite3.DatabaseError as why:
        code = getattr(why, "sqlite_errorcode", 0) & 0xFF
        if code in _DAMAGE:
            raise CatalogueDamagedError(
                f"{path}: is damaged ({why}); {REBUILD} --overwrite puts it aside and makes a new "
                "one from the store's own records"
            ) from why
        if code == sqlite3.SQLITE_FULL:
            raise CatalogueError(
                f"{path}: no space is left for the catalogue; free some space"
            ) from why
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise CatalogueError(
                f"{path}: was busy for {WAIT:.0f} s; try again when the other reader is done"
            ) from why
        raise CatalogueError(f"{path}: cannot be used ({why}); check the disk it is on") from why
