"""Storage classes: which one a file gets, and its archive file, verified."""

from __future__ import annotations

from irrm_core.archive.classes.facts import SourceFacts
from irrm_core.archive.classes.outcome import Kept, Stored
from irrm_core.archive.classes.refusal import StoreWriteError
from irrm_core.archive.classes.rule import Rule
from irrm_core.archive.classes.spool import Spooled, spool

__all__ = ["Kept", "Rule", "SourceFacts", "Spooled", "Stored", "StoreWriteError", "spool"]
