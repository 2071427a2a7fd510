from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from irrm_core.archive.catalogue import Entry, Signature, State
from irrm_watcher.catalogue import CatalogueWriter
from irrm_watcher.pipeline.ordering import HUGE, Queue, takes_last_lane


class _Writer:
    def __init__(self, writer: CatalogueWriter, now: list[float]) -> None:
        self.catalogue, self.now = writer, now

    def add(self, path: bytes, size: int, at: float, root: str = "in") -> Entry:
        self.now[0] = at
        entry = self.catalogue.see(root, path, Signature(size, 1, 2, 3), 0o644)
        return self.catalogue.advance(entry, State.stable)


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[_Writer]:
    now = [0.0]
    with CatalogueWriter.open(tmp_path / "c.sqlite3", clock=lambda: now[0]) as catalogue:
        yield _Writer(catalogue, now)


def order(writer: _Writer, queue: Queue, *, now: float = 1e9) -> list[bytes]:
    found = []
    while entry := queue.next(("in",), now, lambda _entry: True):
        writer.catalogue.advance(entry, State.claimed)
        found.append(entry.path)
    return found


def test_small_files_pass_a_huge_one_that_came_before_them(writer: _Writer) -> None:
    writer.add(b"huge", 100_000_000, at=0)
    writer.add(b"small", 1000, at=50)
    assert order(writer, Queue(writer.catalogue)) == [b"small", b"huge"]


def test_a_huge_file_is_not_passed_for_ever(writer: _Writer) -> None:
    writer.add(b"huge", 100_000_000, at=0)
    writer.add(b"small", 1000, at=150)
    assert order(writer, Queue(writer.catalogue)) == [b"huge", b"small"]


def test_files_of_a_folder_that_is_away_are_not_in_the_way(writer: _Writer) -> None:
    for number in range(100):
        writer.add(b"%d" % number, 10, at=0, root="away")
    writer.add(b"here", 10, at=1)
    assert order(writer, Queue(writer.catalogue)) == [b"here"]


def test_a_file_that_failed_waits_for_its_time(writer: _Writer) -> None:
    entry = writer.add(b"failed", 10, at=0)
    writer.catalogue.update(entry, retry_at=100.0)
    assert order(writer, Queue(writer.catalogue), now=99) == []
    assert order(writer, Queue(writer.catalogue), now=100) == [b"failed"]


def test_a_clock_that_is_set_back_keeps_no_file_waiting_for_years(writer: _Writer) -> None:
    entry = writer.add(b"failed", 10, at=0)
    writer.catalogue.update(entry, retry_at=2e9)
    assert order(writer, Queue(writer.catalogue), now=1e9) == [b"failed"]


def test_what_does_not_fit_keeps_its_place_and_others_go_on(writer: _Writer) -> None:
    writer.add(b"large", 5000, at=0)
    writer.add(b"small", 10, at=1)
    queue = Queue(writer.catalogue)
    first = queue.next(("in",), 1e9, lambda entry: entry.size < 100)
    assert first is not None and first.path == b"small"
    second = queue.next(("in",), 1e9, lambda _entry: True)
    assert second is not None and second.path == b"large"


def test_what_changed_meanwhile_is_not_handed_out(writer: _Writer) -> None:
    entries = [writer.add(b"%d" % number, 10, at=number) for number in range(3)]
    queue = Queue(writer.catalogue)
    assert queue.next(("in",), 1e9, lambda _entry: True) == entries[0]
    writer.catalogue.advance(entries[1], State.kept, reason="for a test")
    assert b"1" not in order(writer, queue)


def test_with_several_workers_one_is_kept_free_of_huge_files(writer: _Writer) -> None:
    huge, small = writer.add(b"h", HUGE + 1, at=0), writer.add(b"s", 10, at=0)
    assert takes_last_lane(huge, free=1, workers=2)
    assert not takes_last_lane(huge, free=2, workers=2)
    assert not takes_last_lane(huge, free=1, workers=1)
    assert not takes_last_lane(small, free=1, workers=2)
