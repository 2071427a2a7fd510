"""Make and bring up to date the tables of a catalogue."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from irrm_core.archive.catalogue.opening import REBUILD, WAIT, check_kind, translated
from irrm_core.archive.catalogue.schema import APPLICATION_ID, MIGRATIONS
from irrm_core.errors import CatalogueDamagedError, CatalogueError, ImageFileError
from irrm_core.imagefile.atomic import atomic_output, remove_leftovers

if TYPE_CHECKING:
    from collections.abc import Sequence


def begin(path: Path) -> None:
    """Make an empty catalogue, which appears complete: a reader never meets one without tables.

    Raises
    ------
    CatalogueError
        It cannot be written there.
    """
    remove_leftovers(path.parent, {path.name})
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as memory:
        migrate(memory, 0)
        content = memory.serialize()
    try:
        with atomic_output(path) as stream:
            stream.write(content)
    except ImageFileError as why:
        raise CatalogueError(str(why)) from why


def connect_to_write(path: Path) -> sqlite3.Connection:
    """Open a catalogue for its one writer, with tables of this version.

    What is committed survives a power cut: write-ahead log, synced at every commit.

    Raises
    ------
    CatalogueDamagedError
        The file is not a catalogue, or a check finds damage.
    CatalogueError
        It is of a newer version, or cannot be used.
    """
    with translated(path):
        connection = sqlite3.connect(
            path, timeout=WAIT, isolation_level=None, check_same_thread=False
        )
    try:
        with translated(path):
            new = not connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
            version = 0 if new else check_kind(path, connection)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            if found != "ok":
                raise CatalogueDamagedError(
                    f"{path}: is damaged ({found}); {REBUILD} --overwrite puts it aside and makes "
                    "a new one from the store's own records"
                )
            migrate(connection, version)
    except BaseException:
        connection.close()
        raise
    return connection


def migrate(
    connection: sqlite3.Connection, version: int, migrations: Sequence[str] = MIGRATIONS
) -> None:
    """Bring tables of a version up to date; each step happens as a whole or not at all."""
    for number in range(version, len(migrations)):
        try:
            connection.executescript(
                f"BEGIN EXCLUSIVE; {migrations[number]}; PRAGMA user_version = {number + 1};"
                f"PRAGMA application_id = {APPLICATION_ID}; COMMIT;"
            )
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
