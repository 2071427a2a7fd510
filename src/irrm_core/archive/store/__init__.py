"""The store: archive files in folders like the originals', models, and what is needed besides."""

from __future__ import annotations

from irrm_core.archive.provenance import Provenance
from irrm_core.archive.store.checking import check_store, today
from irrm_core.archive.store.finding import Finding, Problem
from irrm_core.archive.store.folder import Store, is_temporary
from irrm_core.archive.store.names import SUFFIXES, is_archive_name
from irrm_core.archive.store.records import read_provenance
from irrm_core.archive.store.sampling import sampled

__all__ = [
    "SUFFIXES",
    "Finding",
    "Problem",
    "Provenance",
    "Store",
    "check_store",
    "is_archive_name",
    "is_temporary",
    "read_provenance",
    "sampled",
    "today",
]
