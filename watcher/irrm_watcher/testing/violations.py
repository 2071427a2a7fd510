"""The law: what must hold once a watcher has settled, whatever was done to it before."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from irrm_watcher.pipeline.quarantine import FOLDER
from irrm_watcher.testing.ground import entries_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from irrm_watcher.testing.ground import Ground


def violations(ground: Ground) -> list[str]:
    """Return every breach of the law, in words; a settled watcher has none.

    1. Every content that is owed stands byte-identical in its place, or its archive does,
       verified by `check --read-data` and by the restoration of everything; in ``copy`` mode
       what a person left in a place stands there in any case. In ``replace`` mode an original
       that is not in its place is in quarantine until its retention is over.
    2. There are no temporary files, and nothing lies in quarantine of which the catalogue does
       not know.
    3. A catalogue rebuilt from the store alone equals the one in use on every archived row.
    4. `check --read-data` finds nothing, and everything can be restored; of exact files the
       restored ones have the hashes that a person's had.
    """
    return [
        *_lost(ground),
        *_leftovers(ground),
        *_forgotten(ground),
        *_differences(ground),
        *_damage(ground),
        *_not_restorable(ground),
    ]


def _lost(ground: Ground) -> Iterator[str]:
    from irrm_core.archive.catalogue import State

    standing = {name: _hash(ground.path(name)) for name in ground.ledger.owed}
    entries = ground.entries
    archived = {entry.sha256 for entry in entries if entry.archived}
    for name, hashes in ground.ledger.owed.items():
        for digest in hashes - {standing[name]} - archived:
            yield f"{name!r}: the content {digest[:12]} is neither in its place nor archived"
    for name, digest in ground.ledger.standing.items():
        if ground.mode == "copy" and standing[name] != digest:
            yield f"{name!r}: does not stand as it was left although the mode is copy"
    for entry in entries:
        if entry.state is State.quarantined and entry.quarantine_path is not None:
            original = ground.path(entry.quarantine_path)
            if _hash(original) != entry.sha256:
                yield f"{entry.path!r}: its original is not in quarantine at {original}"


def _leftovers(ground: Ground) -> Iterator[str]:
    for folder in (ground.root, ground.store):
        for here, _, files in os.walk(folder):
            for name in files:
                if name.endswith((".part", ".tmp")) or Path(here).name == "spool":
                    yield f"{here}/{name}: a temporary file was left"


def _forgotten(ground: Ground) -> Iterator[str]:
    known = {
        ground.path(entry.quarantine_path) for entry in ground.entries if entry.quarantine_path
    }
    for path in (ground.root / FOLDER).glob("*/*"):
        if path not in known:
            yield f"{path}: lies in quarantine, and the catalogue does not know it"


def _differences(ground: Ground) -> Iterator[str]:
    from irrm_core.archive.catalogue import record_columns
    from irrm_core.archive.store import Store
    from irrm_watcher.catalogue import rebuild

    with tempfile.TemporaryDirectory(dir=ground.place) as folder:
        fresh = Path(folder) / "rebuilt.sqlite3"
        made = rebuild(fresh, Store.open(ground.store), {"incoming": ground.root})
        known = []
        for path in (ground.catalogue, fresh):
            rows = [record_columns(e) for e in entries_of(path) if e.archived]
            known.append({(row["root"], row["path"], row["version"]): row for row in rows})
    for unused in made.unused:
        yield f"{unused.path}: cannot be used for a rebuild: {unused.reason}"
    used, rebuilt = known
    for key in used.keys() | rebuilt.keys():
        mine, other = used.get(key), rebuilt.get(key)
        if mine is None or other is None:
            yield f"{key}: only in the {'rebuilt catalogue' if mine is None else 'one in use'}"
        elif mine != other:
            names = [name for name in mine if mine[name] != other[name]]
            yield f"{key}: the rebuilt catalogue differs in {', '.join(names)}"


def _damage(ground: Ground) -> Iterator[str]:
    result = ground.run("check", "--read-data", check=False)
    if result.returncode != 0:
        yield f"check ended with {result.returncode}: {result.stdout}{result.stderr}"


def _not_restorable(ground: Ground) -> Iterator[str]:
    newest = {entry.path: entry for entry in ground.entries if entry.archived}
    if not newest:
        return
    with tempfile.TemporaryDirectory(dir=ground.place) as to:
        result = ground.run("restore", "--all", "--to", to, check=False)
        if result.returncode != 0:
            yield f"restore --all ended with {result.returncode}: {result.stderr}"
            return
        for name, entry in newest.items():
            if entry.storage == "exact" and _hash(Path(to, os.fsdecode(name))) != entry.sha256:
                yield f"{name!r}: is stored exactly and was restored as something else"


def _hash(path: Path) -> str | None:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except FileNotFoundError:
        return None
