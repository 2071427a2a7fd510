"""Storage classes: which one a file gets, and its archive file, verified."""

from __future__ import annotations

from typing import TYPE_CHECKING

from irrm_core.archive.classes.excluded import exclusion, neighbours
from irrm_core.archive.classes.facts import SourceFacts
from irrm_core.archive.classes.outcome import Kept, Stored
from irrm_core.archive.classes.refusal import StoreWriteError
from irrm_core.archive.classes.rule import Rule
from irrm_core.archive.classes.spool import Spooled, spool
from irrm_core.lazily import names_of

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


if not TYPE_CHECKING:
    # What works on files only when it is used: a configuration needs the values.
    __getattr__ = names_of(__name__, {"storing": ("commit", "store_file")})
