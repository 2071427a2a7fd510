"""The catalogue of a store: its states and tables, and reading it. The daemon alone writes."""

from __future__ import annotations

from irrm_core.archive.catalogue.entry import RECORD_COLUMNS, Entry, Signature, record_columns
from irrm_core.archive.catalogue.patterns import path_matches
from irrm_core.archive.catalogue.reading import Catalogue
from irrm_core.archive.catalogue.recorded import columns_of
from irrm_core.archive.catalogue.searching import Found, Order, Search
from irrm_core.archive.catalogue.selection import Place, Selection, places
from irrm_core.archive.catalogue.states import (
    ARCHIVED,
    PENDING,
    TRANSITIONS,
    UNFINISHED,
    WAITING,
    State,
    StorageClass,
)
from irrm_core.archive.catalogue.summary import Summary, Tally

__all__ = [
    "ARCHIVED",
    "PENDING",
    "RECORD_COLUMNS",
    "TRANSITIONS",
    "UNFINISHED",
    "WAITING",
    "Catalogue",
    "Entry",
    "Found",
    "Order",
    "Place",
    "Search",
    "Selection",
    "Signature",
    "State",
    "StorageClass",
    "Summary",
    "Tally",
    "columns_of",
    "path_matches",
    "places",
    "record_columns",
]
