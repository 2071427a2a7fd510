"""Bring files back from a store: what goes where, the restoring, the journal of it.

Names are imported when they are first used: a command that offers to restore loads little.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from irrm_core.lazily import names_of

if TYPE_CHECKING:
    from irrm_core.archive.recall.asked import places_asked
    from irrm_core.archive.recall.content import check_stored, write_content
    from irrm_core.archive.recall.journal import JOURNAL, Journal, JournalLine
    from irrm_core.archive.recall.names import delivered_name, delivery_of, name_of
    from irrm_core.archive.recall.places import refuse_around, refuse_inside
    from irrm_core.archive.recall.planned import Outcome, Overwrite, Planned, Restored
    from irrm_core.archive.recall.planning import plan_restore, restorable
    from irrm_core.archive.recall.pools import StorePools
    from irrm_core.archive.recall.restoring import look, restore_entry
    from irrm_core.archive.recall.running import Failed, restore_all
    from irrm_core.archive.recall.workers import RecallWorkers

_HOMES = {
    "asked": ("places_asked",),
    "content": (
        "check_stored",
        "write_content",
    ),
    "journal": (
        "JOURNAL",
        "Journal",
        "JournalLine",
    ),
    "names": (
        "delivered_name",
        "delivery_of",
        "name_of",
    ),
    "places": (
        "refuse_around",
        "refuse_inside",
    ),
    "planned": (
        "Outcome",
        "Overwrite",
        "Planned",
        "Restored",
    ),
    "planning": (
        "plan_restore",
        "restorable",
    ),
    "pools": ("StorePools",),
    "restoring": (
        "look",
        "restore_entry",
    ),
    "running": (
        "Failed",
        "restore_all",
    ),
    "workers": ("RecallWorkers",),
}

__all__ = [
    "JOURNAL",
    "Failed",
    "Journal",
    "JournalLine",
    "Outcome",
    "Overwrite",
    "Planned",
    "RecallWorkers",
    "Restored",
    "StorePools",
    "check_stored",
    "delivered_name",
    "delivery_of",
    "look",
    "name_of",
    "places_asked",
    "plan_restore",
    "refuse_around",
    "refuse_inside",
    "restorable",
    "restore_all",
    "restore_entry",
    "write_content",
]


if not TYPE_CHECKING:
    __getattr__ = names_of(__name__, _HOMES)
