"""Writing the catalogue: one writer at a time, rebuilding it from the store, exporting it."""

from __future__ import annotations

from irrm_watcher.catalogue.lock import WriterLock
from irrm_watcher.catalogue.writing import CatalogueWriter

__all__ = ["CatalogueWriter", "WriterLock"]
