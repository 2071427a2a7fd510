"""Bring files back from a store: what goes where, the restoring, the journal of it."""

from __future__ import annotations

from irrm_core.archive.recall.content import write_content
from irrm_core.archive.recall.journal import JOURNAL, Journal, JournalLine
from irrm_core.archive.recall.names import delivered_name, name_of
from irrm_core.archive.recall.planned import Outcome, Overwrite, Planned, Restored
from irrm_core.archive.recall.planning import plan_restore
from irrm_core.archive.recall.restoring import look, restore_entry

__all__ = [
    "JOURNAL",
    "Journal",
    "JournalLine",
    "Outcome",
    "Overwrite",
    "Planned",
    "Restored",
    "delivered_name",
    "look",
    "name_of",
    "plan_restore",
    "restore_entry",
    "write_content",
]
