"""One file: what speaks against storing it at all, its archive file, and that file's name."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from irrm_core.archive.catalogue.states import StorageClass
from irrm_core.archive.classes.candidates import Candidates
from irrm_core.archive.classes.excluded import exclusion
from irrm_core.archive.classes.outcome import Kept, Stored
from irrm_core.archive.classes.refusal import StoreWriteError
from irrm_core.archive.classes.spool import hash_of
from irrm_core.errors import ImageFileError, NotRestorableError
from irrm_core.imagefile.atomic import sync_folder, take_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from irrm_core.archive.choice import RescalerPool
    from irrm_core.archive.classes.facts import SourceFacts
    from irrm_core.archive.classes.rule import Rule
    from irrm_core.archive.store import Store
    from irrm_core.progress import Cancel, Progress


def store_file(
    spooled: Path,
    facts: SourceFacts,
    rule: Rule,
    store: Store,
    pool: RescalerPool,
    *,
    beside: Iterable[bytes] = (),
    archived_at: float | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    at: Callable[[str], None] = lambda _step: None,
) -> Stored | Kept:
    """Write a file's archive file, verified, under a temporary name; or say why it is kept.

    The smallest class that passes wins. An LR file is judged only if it would win. A copy of
    its model is put into the store.

    Parameters
    ----------
    spooled : Path
        A private copy of the original, from `spool`.
    facts : SourceFacts
        Of the original.
    rule : Rule
        What is wanted.
    store : Store
        That takes the file.
    pool : RescalerPool
        From `Rule.pool`.
    beside : iterable of bytes
        Names in the folder of the original, as `neighbours` gives them; read only where the
        heads of multi-file formats matter.
    archived_at : float, optional
        For the record, in seconds since 1970; by default now.
    progress, cancel
        Told of each tile; asked before each tile.
    at : callable
        Called with the name of each step that is done: ``"lr-written"``, ``"exact-written"``,
        ``"judged"``, ``"measured"``.

    Returns
    -------
    Stored or Kept
        A `Stored` file has its name only after `commit`.

    Raises
    ------
    StoreWriteError
        The store cannot be written; `errno` says why. Nothing is left behind.
    ModelNotFoundError, ModelFileError
        A model that the rule asks for.
    Cancelled
        Nothing is left behind.
    """
    reason = _left_alone(spooled, facts, rule, beside)
    if reason:
        return Kept(reason)
    moment = round(time.time() if archived_at is None else archived_at, 3)
    with Candidates(spooled, facts, rule, store, pool, moment, progress, cancel, at) as candidates:
        return candidates.best()


def commit(stored: Stored) -> None:
    """Give a stored file its name and sync the folder; safe to repeat.

    Raises
    ------
    StoreWriteError
        The file system refused; the temporary file is still there.
    OutputExistsError
        Another file has the name.
    """
    with StoreWriteError.on(stored.target):
        if stored.target.exists() and hash_of(stored.target) == stored.sha256:
            sync_folder(stored.target.parent)
        else:
            take_name(stored.temporary, stored.target)
        # Where the name was given by a link, the file still has both.
        stored.temporary.unlink(missing_ok=True)


def _left_alone(
    spooled: Path, facts: SourceFacts, rule: Rule, beside: Iterable[bytes]
) -> str | None:
    if not facts.size:
        return "is empty"
    excluded = None if rule.special else exclusion(facts.path, beside)
    if excluded:
        return f"excluded: {excluded}"
    ours = _ours(spooled, facts)
    if ours:
        return f"already ours: {ours}"
    if not rule.classes & {StorageClass.lr, StorageClass.exact}:
        return "the rule allows no class but kept"
    return None


def _ours(spooled: Path, facts: SourceFacts) -> str | None:
    from irrm_core.archive.lrfile import embedded_kind

    if facts.path.lower().endswith((b".jxl", b".zst")):
        from irrm_core.archive.store import read_provenance

        with suppress(NotRestorableError, ImageFileError):
            read_provenance(spooled)
            return "a file of a store"
    return embedded_kind(spooled)
