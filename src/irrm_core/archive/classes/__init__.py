"""Storage classes: which one a file gets, and its archive file, verified."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from irrm_core.archive.classes.excluded import exclusion, neighbours
from irrm_core.archive.classes.facts import SourceFacts
from irrm_core.archive.classes.outcome import Kept, Stored
from irrm_core.archive.classes.refusal import StoreWriteError
from irrm_core.archive.classes.rule import Rule
from irrm_core.archive.classes.spool import Spooled, spool

if TYPE_CHECKING:
    from irrm_core.archive.classes.storing import commit, store_file

__all__ = [
    "Kept",
    "Rule",
    "SourceFacts",
    "Spooled",
    "StoreWriteError",
    "Stored",
    "commit",
    "exclusion",
    "neighbours",
    "spool",
    "store_file",
]


def __getattr__(name: str) -> Any:
    """Import what works on files only when it is used: a configuration needs the values."""
    if name in ("commit", "store_file"):
        from irrm_core.archive.classes import storing

        return getattr(storing, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
