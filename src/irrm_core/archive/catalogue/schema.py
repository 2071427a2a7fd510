"""The tables of a catalogue: each version of them made from the one before."""

from __future__ import annotations

APPLICATION_ID = 0x6972726D
"""SQLite's mark of a file's application: ``irrm``."""

_FIRST = """
CREATE TABLE entry (
    id INTEGER PRIMARY KEY,
    root TEXT NOT NULL,
    path BLOB NOT NULL,
    version INTEGER NOT NULL,
    state TEXT NOT NULL,
    storage TEXT,
    reason TEXT NOT NULL DEFAULT '',
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    mode INTEGER NOT NULL,
    inode INTEGER,
    device INTEGER,
    seen_mtime_ns INTEGER,
    present INTEGER NOT NULL DEFAULT 1,
    sha256 TEXT,
    stored_path BLOB,
    stored_size INTEGER,
    stored_sha256 TEXT,
    model TEXT,
    weights_hash TEXT,
    scale INTEGER,
    measured TEXT NOT NULL DEFAULT '{}',
    quarantine_path BLOB,
    seen_at REAL NOT NULL,
    changed_at REAL NOT NULL,
    archived_at REAL,
    quarantined_at REAL,
    purged_at REAL,
    attempts INTEGER NOT NULL DEFAULT 0,
    retry_at REAL,
    UNIQUE (root, path, version)
);
-- Counts and sums are answered from this alone, without reading the rows.
CREATE INDEX entry_tally ON entry (state, storage, root, size, stored_size);
CREATE INDEX entry_waiting ON entry (state, seen_at);
CREATE INDEX entry_archived ON entry (archived_at);
CREATE INDEX entry_content ON entry (sha256);
CREATE UNIQUE INDEX entry_stored ON entry (stored_path);
CREATE TABLE restored (
    sha256 TEXT NOT NULL,
    path BLOB NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (sha256, path, at)
) WITHOUT ROWID;
CREATE TABLE note (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
"""

MIGRATIONS = (_FIRST,)
"""Statements that lead from version n (``PRAGMA user_version``) to n + 1, by n."""

SCHEMA_VERSION = len(MIGRATIONS)
"""The version of the tables that this code reads and writes."""
