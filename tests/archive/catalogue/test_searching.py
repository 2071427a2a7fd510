"""Looking through a catalogue: what a search means, and that it stays quick to page through."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from irrm_core.archive.catalogue import (
    ARCHIVED,
    Catalogue,
    Found,
    Order,
    Search,
    State,
    StorageClass,
)
from irrm_watcher.catalogue import CatalogueWriter

LR, EXACT = StorageClass.lr, StorageClass.exact


def add(writer: CatalogueWriter, path: bytes, **changes: Any) -> None:
    values: dict[str, Any] = {
        "root": "photos",
        "path": path,
        "version": 1,
        "state": State.committed,
        "storage": LR,
        "size": 1000,
        "stored_size": 100,
        "mtime_ns": 0,
        "mode": 0o644,
        "seen_at": 0.0,
        "changed_at": 0.0,
        "archived_at": 10.0,
        "stored_path": b"files/%d/" % changes.get("version", 1) + path,
    }
    writer.add({**values, **changes})


@pytest.fixture
def catalogue(path: Path, writer: CatalogueWriter) -> Catalogue:
    add(writer, b"2026/Beach.jpg", size=5000, stored_size=4000, archived_at=30.0)
    add(writer, b"2026/plan.tif", storage=EXACT, size=3000, archived_at=20.0)
    add(writer, b"notes.txt", state=State.kept, storage=StorageClass.kept, stored_path=None)
    add(writer, b"b\xffd.png", root="scans", archived_at=None, seen_at=15.0)
    for version in (1, 2):
        add(writer, b"2026/new.png", version=version, size=version)
    return Catalogue.open(path)


def names(catalogue: Catalogue, search: Search) -> list[bytes]:
    return [entry.path for entry in catalogue.numbered(catalogue.search(search).numbers)]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        (Search(text="BEACH"), [b"2026/Beach.jpg"]),
        (Search(text=" 2026/p "), [b"2026/plan.tif"]),
        (Search(text="*.jpg"), [b"2026/Beach.jpg"]),
        (Search(text="2026/*.t?f"), [b"2026/plan.tif"]),
        (Search(text="b\udcffd"), [b"b\xffd.png"]),
        (Search(text="[pn]*", classes=frozenset({EXACT})), [b"2026/plan.tif"]),
        (Search(root="scans"), [b"b\xffd.png"]),
        (Search(states=frozenset({State.kept})), [b"notes.txt"]),
        (Search(since=15, until=30), [b"2026/plan.tif", b"b\xffd.png"]),
        (Search(text="nowhere"), []),
    ],
)
def test_a_search_means_the_files_that_fit_all_of_it(
    catalogue: Catalogue, search: Search, found: list[bytes]
) -> None:
    assert names(catalogue, search) == found


def test_entries_come_by_name_date_size_or_saving(catalogue: Catalogue) -> None:
    lr = frozenset({LR})
    by = {
        order: names(catalogue, Search(root="photos", order=order, descending=True, classes=lr))
        for order in Order
    }
    assert by[Order.name] == [b"2026/new.png", b"2026/Beach.jpg"]
    assert by[Order.archived] == [b"2026/Beach.jpg", b"2026/new.png"]
    assert by[Order.size] == [b"2026/Beach.jpg", b"2026/new.png"]
    assert by[Order.saved] == [b"2026/Beach.jpg", b"2026/new.png"]
    assert names(catalogue, Search(order=Order.size))[0] == b"2026/new.png"


def test_of_a_file_that_changed_the_newest_version_that_fits_is_meant(
    catalogue: Catalogue, writer: CatalogueWriter
) -> None:
    add(writer, b"2026/new.png", version=3, state=State.stable, storage=None, stored_path=None)

    def versions(search: Search) -> list[int]:
        found = catalogue.search(search).numbers
        return [entry.version for entry in catalogue.numbered(found)]

    assert versions(Search(text="new.png")) == [3]
    assert versions(Search(text="new.png", states=ARCHIVED)) == [2]
    assert versions(Search(text="new.png", versions=True)) == [3, 2, 1]


def test_a_search_sums_what_it_found(catalogue: Catalogue) -> None:
    found = catalogue.search(Search(text="*.jpg"))
    assert (len(found.numbers), found.size, found.stored_size) == (1, 5000, 4000)
    assert Found() == catalogue.search(Search(text="nowhere"))


def test_entries_are_fetched_by_number_in_any_order_and_gone_ones_are_left_out(
    catalogue: Catalogue,
) -> None:
    numbers = [*catalogue.search(Search()).numbers]
    wanted = [numbers[-1], 12345, numbers[0]]
    assert [entry.id for entry in catalogue.numbered(wanted)] == [numbers[-1], numbers[0]]


def test_one_is_told_that_the_daemon_wrote(catalogue: Catalogue, writer: CatalogueWriter) -> None:
    before = catalogue.changes()
    assert catalogue.changes() == before
    add(writer, b"another.png")
    assert catalogue.changes() != before
