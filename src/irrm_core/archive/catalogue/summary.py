"""What a catalogue says about all files together."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from irrm_core.archive.catalogue.states import ARCHIVED, PENDING, State, StorageClass

if TYPE_CHECKING:
    from collections.abc import Iterable

KeyT = TypeVar("KeyT")


@dataclass(frozen=True)
class Tally:
    """Entries that have these three in common, counted.

    Attributes
    ----------
    root : str
        Name of the watched folder.
    state : State
        How far the files have come.
    storage : StorageClass or None
        Their class; None as long as it is not decided.
    files : int
        How many.
    size, stored_size : int
        Bytes of the originals, and of the archive files.
    """

    root: str
    state: State
    storage: StorageClass | None
    files: int
    size: int
    stored_size: int


@dataclass(frozen=True)
class Summary:
    """All entries, counted and summed; every version counts.

    Attributes
    ----------
    tallies : tuple of Tally
        Of which the sums are made.
    oldest_pending : float or None
        Since when the oldest entry of the backlog is known, in seconds since 1970.
    last_success : float or None
        When the last file was archived, in seconds since 1970.
    """

    tallies: tuple[Tally, ...]
    oldest_pending: float | None = None
    last_success: float | None = None

    @property
    def files(self) -> int:
        """Number of entries."""
        return sum(tally.files for tally in self.tallies)

    @property
    def states(self) -> dict[State, int]:
        """Entries by state."""
        return _counted((tally.state, tally.files) for tally in self.tallies)

    @property
    def classes(self) -> dict[StorageClass, int]:
        """Entries by class, where it is decided."""
        return _counted((t.storage, t.files) for t in self.tallies if t.storage is not None)

    @property
    def roots(self) -> dict[str, int]:
        """Entries by watched folder."""
        return _counted((tally.root, tally.files) for tally in self.tallies)

    @property
    def original_bytes(self) -> int:
        """Bytes of the originals of all that is archived."""
        return sum(tally.size for tally in self.tallies if tally.state in ARCHIVED)

    @property
    def stored_bytes(self) -> int:
        """Bytes of all archive files."""
        return sum(tally.stored_size for tally in self.tallies if tally.state in ARCHIVED)

    @property
    def saved_bytes(self) -> int:
        """How much smaller the archive files are than their originals."""
        return self.original_bytes - self.stored_bytes

    @property
    def freed_bytes(self) -> int:
        """Bytes of originals that were deleted after their time in quarantine."""
        return sum(tally.size for tally in self.tallies if tally.state == State.purged)

    @property
    def backlog(self) -> int:
        """Entries for which there is still something to do."""
        return sum(tally.files for tally in self.tallies if tally.state in PENDING)

    @property
    def failures(self) -> int:
        """Entries that failed for good."""
        return self.states.get(State.failed, 0)


def _counted(pairs: Iterable[tuple[KeyT, int]]) -> dict[KeyT, int]:
    counts: Counter[KeyT] = Counter()
    for key, count in pairs:
        counts[key] += count
    return dict(counts)
