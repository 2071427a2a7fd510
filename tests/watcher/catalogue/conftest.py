"""A catalogue that a writer fills."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from irrm_watcher.catalogue import CatalogueWriter


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "catalogue.sqlite3"


@pytest.fixture
def writer(path: Path) -> Iterator[CatalogueWriter]:
    with CatalogueWriter.open(path) as opened:
        yield opened
