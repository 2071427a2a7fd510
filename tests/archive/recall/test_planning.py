"""Where restored files go and how they are called: decided before anything is touched."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from irrm_core.archive.catalogue import Entry, State, StorageClass
from irrm_core.archive.recall import plan_restore, refuse_inside
from irrm_core.errors import UsageError

from .building import make_entry

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


def test_the_newest_version_keeps_the_name_and_older_ones_are_numbered(entry: Make) -> None:
    rows = [entry("a.png"), entry("a.png", version=3), entry("a.png", version=2)]
    names = {p.entry.version: p.target.name for p in plan_restore(rows, roots=ROOTS)}
    assert names == {3: "a.png", 2: "a~2.png", 1: "a~3.png"}


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


def test_a_root_that_is_configured_no_more_needs_another_place(entry: Make) -> None:
    with pytest.raises(UsageError, match="--to"):
        plan_restore([entry("a.png", root="gone")], roots=ROOTS)
    plan = plan_restore([entry("a.png", root="gone")], roots=ROOTS, to=Path("/out"))
    assert plan[0].target == Path("/out/a.png")


def test_a_folder_in_a_watched_folder_or_the_store_is_refused(tmp_path: Path) -> None:
    watched, store = tmp_path / "watched", tmp_path / "store"
    watched.mkdir()
    store.mkdir()
    (tmp_path / "link").symlink_to(watched)
    for place in (watched, watched / "out", store / "x", tmp_path / "link" / "out"):
        with pytest.raises(UsageError, match="name a folder outside"):
            refuse_inside(place, roots={"w": watched}, store=store, what="the output folder")
    refuse_inside(tmp_path / "out", roots={"w": watched}, store=store, what="the output folder")
