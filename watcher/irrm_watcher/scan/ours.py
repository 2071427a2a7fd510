"""What irrm wrote into a watched folder itself: it is not to be taken again."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from irrm_core.archive.kind import embedded_kind
from irrm_core.archive.recall.journal import Journal

if TYPE_CHECKING:
    import os
    from pathlib import Path

_RESTORED = "was restored from the store, which has it already"


class OwnFiles:
    """Knows LR files and restorations by what is embedded in them, others by the journal.

    Parameters
    ----------
    store : path
        The folder of the store.
    """

    def __init__(self, store: str | os.PathLike[str]) -> None:
        self._journal = Journal(store)
        self._read = 0
        self._names: set[str] = set()
        self._hashes: set[str] = set()

    def __call__(self, path: Path) -> str | None:
        """Return what a file is to irrm, in words; None if it is not ours.

        The whole file is read only where something of its name was restored. One that was
        renamed since, with nothing embedded, is told by `by_content`.
        """
        kind = embedded_kind(path)
        if kind is not None:
            return f"is {kind}"
        self._catch_up()
        if path.name not in self._names:
            return None
        try:
            with path.open("rb") as stream:
                return self.by_content(hashlib.file_digest(stream, "sha256").hexdigest())
        except OSError:
            return None

    def by_content(self, sha256: str) -> str | None:
        """Return the same of a file whose SHA-256 is known, whatever it is called."""
        self._catch_up()
        return _RESTORED if sha256 in self._hashes else None

    def _catch_up(self) -> None:
        lines, self._read = self._journal.read_from(self._read)
        self._names.update(line.path.name for line in lines)
        self._hashes.update(line.sha256 for line in lines)
