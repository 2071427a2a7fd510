"""Opening a store to look through it: what is one, and what is said of all else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from irrm_core.archive.catalogue import ARCHIVED, Search
from irrm_core.archive.store import Store
from irrm_core.errors import CatalogueError, CatalogueMissingError, StoreError, UsageError
from irrm_watcher.catalogue import CatalogueWriter
from napari_irrm.storage.browser import StoreBrowser
from napari_irrm.storage.words import facts_of, place_of, savings, title_of

from .conftest import FILES, LR, catalogued, keep


def test_a_store_is_opened_by_its_folder_its_marker_or_its_catalogue(store: Store) -> None:
    for place in (store.path, store.path / "irrm-store.json", store.catalogue):
        with StoreBrowser.open(place) as browser:
            assert browser.store == store
            assert len(browser.search(Search(states=ARCHIVED)).numbers) == len(FILES)
            assert browser.roots() == ["pictures"]


def test_a_catalogue_outside_its_store_needs_the_folder_as_well(
    store: Store, tmp_path: Path
) -> None:
    outside = tmp_path / "catalogue.sqlite3"
    shutil.move(store.catalogue, outside)
    with pytest.raises(UsageError, match="choose the store's folder as well"):
        StoreBrowser.open(outside)
    with StoreBrowser.open(outside, store=store.path) as browser:
        assert browser.summary().files == len(FILES)
    with pytest.raises(CatalogueMissingError, match="names another place for it"):
        StoreBrowser.open(store.path)


def test_what_is_no_store_and_the_catalogue_of_another_are_refused(
    store: Store, tmp_path: Path
) -> None:
    with pytest.raises(StoreError, match="is no store"):
        StoreBrowser.open(tmp_path)
    other = Store.create(tmp_path / "other")
    with CatalogueWriter.open(store.catalogue) as writer:
        writer.write_note("store", store.id)
    with pytest.raises(CatalogueError, match="of another store"):
        StoreBrowser.open(store.catalogue, store=other.path)


def test_what_the_daemon_writes_meanwhile_is_seen(
    store: Store, watched: Path, browser: StoreBrowser
) -> None:
    before = browser.changes()
    assert browser.changes() == before
    with CatalogueWriter.open(store.catalogue) as writer:
        (found,) = browser.entries(browser.search(Search(text="beach")).numbers)
        writer.write_note("something", "else")
    assert browser.changes() != before
    with browser.again() as another:
        assert another.entries([found.id]) == [found]


def test_entries_and_savings_are_told_in_words(
    store: Store, watched: Path, browser: StoreBrowser
) -> None:
    keep(store, watched, "2026/beach.png", LR, version=2)
    catalogued(store, watched)
    with StoreBrowser.open(store.path) as again:
        (beach,) = again.entries(again.search(Search(text="beach")).numbers)
        (notes,) = again.entries(again.search(Search(text="notes")).numbers)
        told = savings(again.summary())
    assert (title_of(beach), place_of(beach)) == ("beach.png (version 2)", "pictures/2026")
    assert facts_of(beach).startswith("LR ×2 · ") and facts_of(beach).endswith(" dB")
    assert facts_of(notes).startswith("exact · 2.2 kB → ") and place_of(notes) == "pictures"
    assert "3 files as LR, 2 exact, 0 left alone." in told
