"""Whether a store still holds what its catalogue says: every file, every model, both ways."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from irrm_core.archive.catalogue.states import ARCHIVED
from irrm_core.archive.store.finding import Finding, Problem
from irrm_core.archive.store.models import copies
from irrm_core.archive.store.names import is_archive_name
from irrm_core.archive.store.records import read_provenance
from irrm_core.archive.store.sampling import sampled
from irrm_core.errors import IrrmError
from irrm_core.progress import Cancel, NoProgress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from irrm_core.archive.catalogue import Entry
    from irrm_core.archive.provenance import Provenance
    from irrm_core.archive.store.folder import Store
    from irrm_core.progress import Progress

_PART = 1 << 20


def check_store(
    store: Store,
    entries: Iterable[Entry] | Callable[[], Iterable[Entry]],
    *,
    read_data: bool = False,
    sample: float = 1.0,
    seed: str | None = None,
    device: str = "auto",
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Iterator[Finding]:
    """Look for everything that is wrong with a store, and yield it as it is found.

    Every stored file is read whole and compared with the SHA-256 in the catalogue, and its
    record with its row; every file must have a row, and every model that a row names a copy.

    Parameters
    ----------
    store : Store
        The store; nothing in it is changed.
    entries : iterable of Entry, or a callable that returns one
        The catalogue. A callable is asked after the files were listed: of a store that is
        being written to, every file then has its row.
    read_data : bool
        Restore as well. An exact file must give back the SHA-256 of its original. The
        restoration of an LR file must have the digest in its record: the means of 16 blocks
        within the tolerance that `irrm_core.engine` states, some levels of 255 at most.
    sample : float
        Part of the files to restore, from 0 to 1; the checks above are of all.
    seed : str, optional
        By which the sample is chosen; by default the date (UTC).
    device : str
        On which to restore.
    progress, cancel
        Told of each file; asked before each megabyte and tile.

    Yields
    ------
    Finding
        In no promised order.
    """
    progress, cancel = progress or NoProgress(), cancel or Cancel()
    listed = list(store.everything())
    rows = list(entries() if callable(entries) else entries)
    archived = [entry for entry in rows if entry.state in ARCHIVED and entry.stored_path]
    whole: set[int] = set()
    progress.begin("checking files", len(archived))
    for entry in archived:
        found = list(_check_file(store, entry, cancel))
        yield from found
        if not any(finding.problem in (Problem.missing, Problem.damaged) for finding in found):
            whole.add(entry.id)
        progress.advance()
    progress.end()
    yield from _without_rows(store, listed, {entry.stored_path for entry in rows})
    yield from _check_models(store, archived)
    if read_data:
        from irrm_core.archive.store.reading import check_content

        # Chosen of all, so that the choice does not depend on what is damaged.
        chosen = sampled(archived, sample, today() if seed is None else seed)
        readable = [entry for entry in chosen if entry.id in whole]
        yield from check_content(store, readable, device=device, progress=progress, cancel=cancel)


def today() -> str:
    """Return the date (UTC), by which a sample is chosen."""
    return datetime.now(UTC).date().isoformat()


def _check_file(store: Store, entry: Entry, cancel: Cancel) -> Iterator[Finding]:
    path = store.stored(entry.stored_path or b"")
    try:
        size, digest = _hash(path, cancel)
    except FileNotFoundError:
        yield about(
            entry, Problem.missing, f"{path}: is missing; bring it back from a backup of the store"
        )
        return
    except OSError as why:
        yield about(
            entry,
            Problem.damaged,
            f"{path}: cannot be read ({why.strerror or why}); check the disk of the store, and "
            "bring the file back from a backup",
        )
        return
    if (size, digest) != (entry.stored_size, entry.stored_sha256):
        yield about(
            entry,
            Problem.damaged,
            f"{path}: is damaged, its SHA-256 is not that of the catalogue; bring it back from a "
            "backup of the store",
        )
        return
    try:
        told = read_provenance(path)
    except IrrmError as error:
        yield about(entry, Problem.record, str(error))
        return
    if (told.root, told.path, told.version, told.sha256, told.storage) != (
        entry.root,
        entry.path,
        entry.version,
        entry.sha256,
        entry.storage,
    ):
        yield about(
            entry,
            Problem.record,
            f"{path}: its record is of {_called(told)}, the catalogue says otherwise; "
            "`irrm-watch catalog rebuild` believes the records",
        )
    elif store.target(told.root, told.path, told.version, path.suffix) != path:
        yield about(
            entry, Problem.misnamed, f"{path}: does not lie where its record belongs; move it back"
        )


def _without_rows(store: Store, listed: list[Path], known: set[bytes | None]) -> Iterator[Finding]:
    for path in listed:
        relative = store.relative(path)
        if relative in known or not os.path.lexists(path):
            continue
        if not is_archive_name(os.fsencode(path.name)):
            message = f"{path}: is no archive file; move it out of the store"
            yield Finding(Problem.foreign, relative, message)
            continue
        try:
            told = read_provenance(path)
        except IrrmError as error:
            message = f"{error}; the catalogue does not name it"
            yield Finding(Problem.unknown, relative, message)
            continue
        at_home = store.target(told.root, told.path, told.version, path.suffix) == path
        message = f"{path}: the catalogue does not name this file of {_called(told)}; " + (
            "`irrm-watch catalog rebuild` takes it in" if at_home else "it was moved or renamed"
        )
        problem = Problem.unknown if at_home else Problem.misnamed
        yield Finding(problem, relative, message, told.root, told.path, told.version)


def _check_models(store: Store, archived: list[Entry]) -> Iterator[Finding]:
    from irrm_core.archive.store.models import copy_name

    named = {
        entry.weights_hash: copy_name(entry.model, entry.weights_hash)
        for entry in archived
        if entry.model and entry.weights_hash
    }
    if not named and not store.models.is_dir():
        return
    damaged = set()
    whole = set()
    for copy in copies(store.models):
        if copy.problem is None:
            whole.add(copy.weights_hash)
            continue
        damaged.add(copy.folder.name)
        yield Finding(
            Problem.model_damaged,
            store.relative(copy.folder),
            f"{copy.problem}; the next file that is stored with this model mends the copy in the "
            "store, or bring it back from a backup",
        )
    for weights, name in sorted(named.items()):
        if weights not in whole and name not in damaged:
            folder = store.models / name
            yield Finding(
                Problem.model_missing,
                store.relative(folder),
                f"{folder}: the copy of the model is missing, without which its files cannot be "
                "restored; bring it back from a backup of the store",
            )


def about(entry: Entry, problem: Problem, message: str) -> Finding:
    """Return a finding about the stored file of an entry."""
    stored = entry.stored_path or b""
    return Finding(problem, stored, message, entry.root, entry.path, entry.version)


def _called(told: Provenance) -> str:
    name = os.fsdecode(told.path)
    return f"{told.root}/{name}" + (f" (version {told.version})" if told.version > 1 else "")


def _hash(path: Path, cancel: Cancel) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    with path.open("rb", buffering=0) as stream:
        while part := stream.read(_PART):
            cancel.check()
            digest.update(part)
            size += len(part)
    return size, digest.hexdigest()
