"""Which entries are meant: by paths, patterns, times, classes, states and versions."""

from __future__ import annotations

import tempfile
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from irrm_core.archive.catalogue import (
    Catalogue,
    Entry,
    Place,
    Selection,
    State,
    StorageClass,
    places,
)
from irrm_watcher.catalogue import CatalogueWriter

ROOTS = {"in": Path("/data/in"), "raw": Path("/data/raw")}


@pytest.mark.parametrize(
    ("word", "here", "place"),
    [
        ("/data/in/a/b.jpg", "/", Place(b"a/b.jpg", "in")),
        ("/data/in", "/", Place(b"", "in")),
        ("/data/in/", "/", Place(b"", "in")),
        ("/data/in/../raw/b", "/", Place(b"b", "raw")),
        ("/data/inside/b", "/", Place(b"/data/inside/b")),
        ("b.jpg", "/data/in/a", Place(b"a/b.jpg", "in")),
        (".", "/data/raw/x", Place(b"x", "raw")),
        ("a//b.jpg", "/home", Place(b"a/b.jpg")),
        (".", "/home", Place(b".")),
        ("b\udcff", "/data/in", Place(b"b\xff", "in")),
    ],
)
def test_a_path_on_the_command_line_means_a_place(word: str, here: str, place: Place) -> None:
    assert places([word], ROOTS, here=Path(here)) == (place,)


def test_a_folder_holds_what_lies_below_it_and_nothing_that_only_begins_like_it() -> None:
    folder = Place(b"a", "in")
    assert folder.holds("in", b"a")
    assert folder.holds("in", b"a/b/c")
    assert not folder.holds("in", b"ab")
    assert not folder.holds("raw", b"a/b")
    assert Place(b"").holds("any", b"thing")


def test_an_empty_selection_means_nothing() -> None:
    assert Selection().empty
    assert not Selection().names("in", b"a")
    assert Selection(states=frozenset({State.failed})).empty


parts = st.sampled_from([b"a", b"b", b"a.jpg", b"\xff", b"a0", b"a-"])
paths = st.lists(parts, min_size=1, max_size=3).map(b"/".join)
roots = st.sampled_from(["in", "raw"])
times = st.one_of(st.none(), st.integers(0, 6).map(float))
decided = st.sampled_from([State.committed, State.seen, State.kept])


@st.composite
def some_entries(draw: st.DrawFn) -> list[dict[str, Any]]:
    keys = draw(st.lists(st.tuples(roots, paths, st.integers(1, 3)), unique=True, max_size=12))
    rows = []
    for number, (root, path, version) in enumerate(keys):
        state = draw(decided)
        archived = state == State.committed
        rows.append(
            {
                "root": root, "path": path, "version": version, "state": state, "size": 1,
                "mtime_ns": 1, "mode": 0, "changed_at": 0.0,
                "seen_at": float(draw(st.integers(0, 6))),
                "archived_at": float(draw(st.integers(0, 6))) if archived else None,
                "storage": draw(st.sampled_from(["lr", "exact"])) if archived else None,
                "stored_path": b"%d" % number if archived else None,
            }
        )  # fmt: skip
    return rows


selections = st.builds(
    Selection,
    paths=st.lists(st.builds(Place, st.just(b"") | paths, st.none() | roots), max_size=2).map(
        tuple
    ),
    globs=st.lists(st.sampled_from(["*.jpg", "a/**", "/a*", "*"]), max_size=1).map(tuple),
    since=times,
    until=times,
    all=st.booleans(),
    classes=st.frozensets(st.sampled_from(StorageClass)),
    states=st.frozensets(decided),
    versions=st.booleans(),
)


@settings(max_examples=30, deadline=None)
@given(some_entries(), st.lists(selections, min_size=1, max_size=8))
def test_a_query_means_what_the_selection_means(
    rows: list[dict[str, Any]], asked: list[Selection]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "catalogue.sqlite3"
        with CatalogueWriter.open(path) as writer, writer.batch():
            entries = [writer.add(row) for row in rows]
        with Catalogue.open(path) as catalogue:
            for selection in asked:
                assert catalogue.select(selection) == list(selection.of(entries))


def entry(version: int, **changes: Any) -> Entry:
    values: dict[str, Any] = {"id": next(_ids), "root": "in", "path": b"a", "version": version}
    values |= {"state": State.committed, "size": 1, "mtime_ns": 1, "mode": 0}
    return Entry(**{**values, "seen_at": 0.0, "changed_at": 0.0, **changes})


_ids = count(1)


def test_the_newest_version_that_fits_is_meant() -> None:
    old = entry(1, archived_at=10.0)
    new = entry(2, archived_at=20.0)
    coming = entry(3, state=State.seen, seen_at=30.0)
    known = [coming, old, new]
    archived = frozenset({State.committed})
    assert list(Selection(all=True).of(known)) == [coming]
    assert list(Selection(all=True, states=archived).of(known)) == [new]
    assert list(Selection(until=20.0).of(known)) == [old]
    assert list(Selection(since=20.0, states=archived).of(known)) == [new]
    assert list(Selection(all=True, versions=True).of(known)) == [coming, new, old]


def test_the_name_of_a_watched_folder_may_stand_first_as_in_a_restored_tree() -> None:
    found = places(["in/a.jpg", "raw"], ROOTS, here=Path("/home"))
    assert found == (
        Place(b"in/a.jpg"),
        Place(b"a.jpg", "in"),
        Place(b"raw"),
        Place(b"", "raw"),
    )
