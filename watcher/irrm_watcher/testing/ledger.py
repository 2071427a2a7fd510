"""What a person put into a watched folder, told by the person, not by the catalogue."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field


@dataclass
class Ledger:
    """Which contents must be safe.

    Attributes
    ----------
    owed : dict
        Path to the hashes of the contents that the watcher answers for. What a person replaced
        or deleted is owed only if it had been archived by then.
    standing : dict
        Path to the hash of the content that a person last left there.
    """

    owed: dict[bytes, set[str]] = field(default_factory=dict)
    standing: dict[bytes, str] = field(default_factory=dict)

    def put(self, path: bytes, content: bytes, archived: set[str]) -> None:
        """Note that a person wrote a file; `archived` are the hashes in the store by then."""
        self._give_up(path, archived)
        digest = hashlib.sha256(content).hexdigest()
        self.standing[path] = digest
        self.owed.setdefault(path, set()).add(digest)

    def delete(self, path: bytes, archived: set[str]) -> None:
        """Note that a person deleted a file."""
        self._give_up(path, archived)

    def rename(self, path: bytes, to: bytes, archived: set[str]) -> None:
        """Note that a person renamed a file onto a free name."""
        digest = self.standing[path]
        self._give_up(path, archived)
        self.standing[to] = digest
        self.owed.setdefault(to, set()).add(digest)

    def _give_up(self, path: bytes, archived: set[str]) -> None:
        digest = self.standing.pop(path, None)
        if digest is not None and digest not in archived:
            self.owed[path].discard(digest)
