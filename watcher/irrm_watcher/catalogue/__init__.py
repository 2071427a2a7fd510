"""Writing the catalogue: one writer at a time, rebuilding it from the store, exporting it."""

from __future__ import annotations

from irrm_watcher.catalogue.exporting import as_fields, csv_lines, json_lines
from irrm_watcher.catalogue.lock import WriterLock
from irrm_watcher.catalogue.rebuilding import Rebuilt, rebuild
from irrm_watcher.catalogue.records import Unused
from irrm_watcher.catalogue.writing import CatalogueWriter

__all__ = [
    "CatalogueWriter",
    "Rebuilt",
    "Unused",
    "WriterLock",
    "as_fields",
    "csv_lines",
    "json_lines",
    "rebuild",
]
