"""Where restored files go and how they are called: decided before anything is touched."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from irrm_core.archive.catalogue.entry import Entry
from irrm_core.archive.catalogue.states import State, StorageClass
from irrm_core.archive.recall import entries_at, newest, places_of, plan_restore, refuse_inside
from irrm_core.errors import UsageError

from .conftest import make_entry

Make = Callable[..., Entry]
ROOTS = {"photos": Path("/data/photos")}

PARTS = st.sampled_from([b"a", b"b", b"a.png", b"a.jpg.restored.png", b"a~2.png", b"\xff.tif"])
PATHS = st.lists(PARTS, min_size=1, max_size=3).map(b"/".join)


@st.composite
def entries(draw: st.DrawFn) -> list[Entry]:
    keys = draw(
        st.lists(
            st.tuples(st.sampled_from(["photos", "scans"]), PATHS, st.integers(1, 3)),
            unique=True,
            max_size=12,
        )
    )
    made = []
    for root, path, version in keys:
        lr = draw(st.booleans())
        stored = b"files/x/" + path + (b".irrm.png" if lr else b".irrm.zst")
        storage = StorageClass.lr if lr else StorageClass.exact
        made.append(
            make_entry(path, root=root, version=version, storage=storage, stored_path=stored)
        )
    return made


@given(entries=entries(), to=st.sampled_from([None, Path("/out")]))
def test_every_entry_gets_a_target_of_its_own_inside_its_folder(
    entries: list[Entry], to: Path | None
) -> None:
    roots = {"photos": Path("/data/photos"), "scans": Path("/data/scans")}
    plan = plan_restore(entries, roots=roots, to=to)
    assert len(plan) == len(entries)
    assert len({planned.target for planned in plan}) == len(plan)
    for planned in plan:
        home = roots[planned.entry.root] if to is None else to / planned.entry.root
        folder = os.fsdecode(planned.entry.path.rpartition(b"/")[0])
        assert planned.target.parent == home / folder
    assert plan_restore(reversed(entries), roots=roots, to=to) == plan


@given(entries=entries())
def test_the_newest_version_keeps_the_name(entries: list[Entry]) -> None:
    exact = [entry for entry in entries if entry.storage == "exact"]
    roots = {"photos": Path("/p"), "scans": Path("/s")}
    at = {planned.entry.id: planned.target for planned in plan_restore(exact, roots=roots)}
    for entry in newest(exact):
        assert at[entry.id].name == os.fsdecode(entry.path.rpartition(b"/")[2])


@pytest.mark.parametrize(
    ("original", "stored", "deliver", "name"),
    [
        ("a.png", ".irrm.png", "lossless", "a.png"),
        ("a.PNG", ".irrm.webp", "lossless", "a.PNG"),
        ("a.webp", ".irrm.png", "lossless", "a.webp"),
        ("a.tif", ".irrm.png", "lossless", "a.tif"),
        ("a.ome.tiff", ".irrm.tif", "lossless", "a.ome.tiff"),
        ("deep.png", ".irrm.tif", "lossless", "deep.png"),
        ("a.jpg", ".irrm.png", "lossless", "a.jpg.restored.png"),
        ("a.jpg", ".irrm.png", "jpeg:92", "a.jpg"),
        ("a.bmp", ".irrm.png", "jpeg:92", "a.bmp.restored.jpg"),
        ("a.bmp", ".irrm.png", "lossless", "a.bmp.restored.png"),
        ("a", ".irrm.tif", "lossless", "a.restored.tif"),
    ],
)
def test_a_restoration_has_the_name_of_the_original_where_its_format_fits(
    original: str, stored: str, deliver: str, name: str
) -> None:
    row = make_entry(
        original,
        storage=StorageClass.lr,
        stored_path=f"files/photos/{original}{stored}".encode(),
        measured={"deliver": deliver},
    )
    (planned,) = plan_restore([row], roots=ROOTS)
    assert planned.target == ROOTS["photos"] / name


def test_with_one_root_the_tree_in_another_folder_begins_below_it(entry: Make) -> None:
    (planned,) = plan_restore([entry("2019/a.png")], roots=ROOTS, to=Path("/out"))
    assert planned.target == Path("/out/2019/a.png")
    assert planned.base == Path("/out")


@pytest.mark.parametrize("path", [b"../a.png", b"/etc/passwd", b"a//b", b"a/../../b", b"."])
def test_a_path_that_leaves_its_root_is_refused(path: bytes) -> None:
    with pytest.raises(UsageError, match="leads out of its folder"):
        plan_restore([make_entry(path)], roots=ROOTS)


def test_only_what_the_store_can_give_back_is_planned(entry: Make) -> None:
    verified = entry("a.png", state=State.verified)
    kept = entry("b.png", state=State.kept, storage=StorageClass.kept, stored_path=None)
    purged = entry("c.png", state=State.purged)
    plan = plan_restore([verified, kept, purged], roots=ROOTS)
    assert [planned.entry for planned in plan] == [purged]


def test_a_newer_version_that_is_not_stored_yet_does_not_hide_the_stored_one(entry: Make) -> None:
    old, new = entry("a.png"), entry("a.png", version=2, state=State.seen, stored_path=None)
    assert newest([old, new]) == [old]


def test_a_root_that_is_configured_no_more_needs_another_place(entry: Make) -> None:
    with pytest.raises(UsageError, match="--to"):
        plan_restore([entry("a.png", root="gone")], roots=ROOTS)
    plan = plan_restore([entry("a.png", root="gone")], roots=ROOTS, to=Path("/out"))
    assert plan[0].target == Path("/out/a.png")


def asked(words: list[str], rows: list[Entry], here: str = "/elsewhere") -> list[bytes]:
    roots = {"photos": Path("/data/photos"), "scans": Path("/data/scans")}
    return [row.path for row in entries_at(words, rows, roots=roots, here=Path(here))]


def test_a_path_is_absolute_or_relative_to_where_one_is_or_to_a_root(entry: Make) -> None:
    rows = [entry("2019/a.png"), entry("2019/b.png"), entry("c.png"), entry("c.png", root="scans")]
    assert asked(["/data/photos/2019/a.png"], rows) == [b"2019/a.png"]
    assert asked(["../2019/a.png"], rows, "/data/photos/2020") == [b"2019/a.png"]
    assert asked(["2019/a.png"], rows) == [b"2019/a.png"]
    assert asked(["photos/2019/a.png"], rows) == [b"2019/a.png"]
    assert asked(["2019"], rows) == [b"2019/a.png", b"2019/b.png"]
    assert len(asked(["/data/photos"], rows)) == 3
    assert [
        row.root
        for row in entries_at(
            ["scans/c.png"], rows, roots=ROOTS | {"scans": Path("/data/scans")}, here=Path("/")
        )
    ] == ["scans"]


def test_a_path_through_a_link_to_the_root_is_understood(tmp_path: Path, entry: Make) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    for root, word in (("real", "link"), ("link", "real")):
        found = places_of(str(tmp_path / word / "a.png"), {"r": tmp_path / root}, tmp_path)
        assert ("r", b"a.png") in found


def test_a_path_that_is_not_in_the_store_names_the_nearest(entry: Make) -> None:
    rows = [entry("2019/holiday_01.png"), entry("2019/zebra.tif")]
    with pytest.raises(UsageError, match=r"holidy_01\.png.*near to it are 2019/holiday_01\.png$"):
        asked(["holidy_01.png"], rows)
    with pytest.raises(UsageError, match="irrm-watch list"):
        asked(["quite-different"], rows)


def test_a_folder_in_a_watched_folder_or_the_store_is_refused(tmp_path: Path) -> None:
    watched, store = tmp_path / "watched", tmp_path / "store"
    watched.mkdir()
    store.mkdir()
    (tmp_path / "link").symlink_to(watched)
    for place in (watched, watched / "out", store / "x", tmp_path / "link" / "out"):
        with pytest.raises(UsageError, match="name a folder outside"):
            refuse_inside(place, roots={"w": watched}, store=store, what="the output folder")
    refuse_inside(tmp_path / "out", roots={"w": watched}, store=store, what="the output folder")
