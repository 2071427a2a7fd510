"""What a scan decided becomes rows of the catalogue: files to take, files that are gone."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from irrm_core.archive.catalogue import State
from irrm_watcher.scan import TO_TAKE, Decision, What

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from irrm_core.archive.catalogue import Entry
    from irrm_watcher.catalogue import CatalogueWriter
    from irrm_watcher.pipeline.quarantine import Quarantine

BATCH = 500
"""Decisions in one transaction."""


def apply(
    decisions: Iterable[Decision],
    root: str,
    writer: CatalogueWriter,
    quarantine: Quarantine,
    busy: Collection[bytes],
) -> tuple[Counter[str], list[bytes]]:
    """Bring the catalogue up to what a scan saw.

    Parameters
    ----------
    decisions : iterable of Decision
        About one watched folder.
    root : str
        Its name.
    writer, quarantine
        Of the folder.
    busy : collection of bytes
        Paths that a worker is at; it will see by itself that they changed.

    Returns
    -------
    counter, list of bytes
        How many of each kind; the paths to be looked at again since they are busy.
    """
    counts: Counter[str] = Counter()
    later: list[bytes] = []
    waiting = list(decisions)
    while waiting:
        batch, waiting = waiting[:BATCH], waiting[BATCH:]
        with writer.batch():
            for decision in batch:
                if decision.path in busy:
                    later.append(decision.path)
                    continue
                counts[decision.what.value] += 1
                _apply(decision, root, writer, quarantine)
    return counts, later


def _apply(decision: Decision, root: str, writer: CatalogueWriter, quarantine: Quarantine) -> None:
    entry = decision.entry and writer.entry(decision.entry.id)
    if decision.what in TO_TAKE:
        writer.advance(_see(decision, root, writer, entry), State.stable)
    elif decision.what is What.OURS:
        reason = f"already ours: {decision.reason}"
        writer.advance(_see(decision, root, writer, entry), State.kept, reason=reason)
    elif entry is None:
        return
    elif decision.what is What.GONE:
        _gone(entry, writer)
    elif decision.what is What.RETURNED:
        _back(entry, writer, quarantine)


def _see(decision: Decision, root: str, writer: CatalogueWriter, entry: Entry | None) -> Entry:
    assert decision.found is not None
    if entry is not None and entry.archived and entry.present:
        writer.update(entry, present=False)  # what stands there is another version
    return writer.see(root, decision.path, decision.found.signature, decision.found.mode)


def _gone(entry: Entry, writer: CatalogueWriter) -> None:
    if entry.archived:
        writer.update(entry, present=False)
    else:
        writer.forget(entry)


def _back(entry: Entry, writer: CatalogueWriter, quarantine: Quarantine) -> None:
    """Note that an original stands in its place again, as it was."""
    if entry.state is State.quarantined:
        quarantine.settle(entry)
    elif entry.state is State.purged:
        stand_again(writer, entry, entry.quarantined_at)
    else:
        writer.update(entry, present=True)


def stand_again(writer: CatalogueWriter, entry: Entry, quarantined_at: float | None) -> Entry:
    """Take a purged file whose content is back to ``committed``.

    With the time of its quarantine it stays; without, it is as one that never was there.
    """
    return writer.advance(entry, State.committed, quarantined_at=quarantined_at, present=True)
