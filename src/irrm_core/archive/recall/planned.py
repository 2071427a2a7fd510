"""What a restore from a store will do, and what came of it, as values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from irrm_core.archive.catalogue import Entry


class Overwrite(StrEnum):
    """What becomes of a file that stands where a restored one would go.

    ``never`` keeps it. ``if-changed`` replaces it if its content is neither the archived
    original's nor what would be restored; in doubt, as when it cannot be read, it is kept.
    ``always`` replaces it.
    """

    never = "never"
    if_changed = "if-changed"
    always = "always"


class Outcome(StrEnum):
    """What became of one planned file.

    ``restored``: it was written. ``there``: the archived original, or an earlier restoration
    of it, stands already. ``kept``: another file stands there and was kept.
    """

    restored = "restored"
    there = "there"
    kept = "kept"


@dataclass(frozen=True)
class Planned:
    """One file to restore.

    Attributes
    ----------
    entry : Entry
        Of the catalogue, of class ``lr`` or ``exact``.
    target : Path
        Where the file goes.
    base : Path
        The folder that `target` must not leave, not even through a symbolic link: the watched
        folder, or the one that was named.
    overwrite : Overwrite
        What becomes of a file that stands there.
    """

    entry: Entry
    target: Path
    base: Path
    overwrite: Overwrite = Overwrite.never


@dataclass(frozen=True)
class Restored:
    """What became of a planned file.

    Attributes
    ----------
    planned : Planned
        What was asked for.
    target : Path
        Where the file is.
    outcome : Outcome
        Whether it was written.
    size : int
        Bytes of the file at `target`.
    sha256 : str or None
        Of what was written, hexadecimal; None if nothing was.
    reason : str
        Why nothing was written, for people; empty if something was.
    """

    planned: Planned
    target: Path
    outcome: Outcome
    size: int
    sha256: str | None = None
    reason: str = ""
