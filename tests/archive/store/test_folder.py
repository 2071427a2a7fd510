"""The folder of a store, and the names in it."""

from __future__ import annotations

import json
import os
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from irrm_core.archive.store import SUFFIXES, Store, is_temporary
from irrm_core.archive.store.names import archive_parts
from irrm_core.errors import StoreError
from irrm_core.imagefile import atomic_output


def test_a_store_is_made_once_and_opened_after_that(tmp_path: Path) -> None:
    made = Store.create(tmp_path / "a" / "store")
    assert Store.create(made.path) == Store.open(made.path) == made
    assert Store.create(tmp_path / "other").id != made.id


def test_a_folder_with_other_things_does_not_become_a_store(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(StoreError, match="neither empty nor a store"):
        Store.create(tmp_path)
    assert [item.name for item in tmp_path.iterdir()] == ["letter.txt"]


def test_a_fresh_disk_becomes_a_store(tmp_path: Path) -> None:
    (tmp_path / "lost+found").mkdir()
    assert Store.create(tmp_path).path == tmp_path


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "is no store"),
        (b"", "is damaged"),
        (b"[]", "is damaged"),
        (b'{"irrm": "lr", "format": 1, "id": "x"}', "not the marker of a store"),
        (json.dumps({"irrm": "store", "format": 99, "id": "x"}).encode(), "update napari-irrm"),
    ],
)
def test_what_is_no_store_is_refused_with_the_reason(
    content: bytes | None, message: str, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / "irrm-store.json").write_bytes(content)
    with pytest.raises(StoreError, match=message) as caught:
        Store.open(tmp_path)
    assert str(tmp_path) in str(caught.value)


def test_archive_files_lie_in_the_folders_of_their_originals(tmp_path: Path) -> None:
    store = Store.create(tmp_path)
    files = tmp_path / "files" / "photos" / "2024"
    assert store.target("photos", b"2024/a.jpg", 1, ".png") == files / "a.jpg.irrm.png"
    assert store.target("photos", b"2024/a.jpg", 2, ".zst") == files / "a.jpg~2.irrm.zst"
    odd = store.target("photos", b"2024/\xff\n.tif", 1, ".tif")
    assert store.relative(odd) == b"files/photos/2024/\xff\n.tif.irrm.tif"
    assert store.stored(store.relative(odd)) == odd


_bits = [b"a", b"~", b"2", b"1", b".irrm", b".png", b".zst", b"\xc3\xa4", b"\xff", b"x" * 120]
_name = st.lists(st.sampled_from(_bits), min_size=1, max_size=6).map(b"".join)
_path = st.lists(_name, min_size=1, max_size=3).map(b"/".join).filter(lambda p: p != b".")
_file = st.tuples(_path, st.integers(1, 12), st.sampled_from(SUFFIXES))


@given(one=_file, other=_file)
@example((b"a", 2, ".png"), (b"a~2", 1, ".png"))
@example((b"a~2", 1, ".png"), (b"a~2~1", 1, ".png"))
@example((b"a", 1, ".png"), (b"a.irrm.png/b", 1, ".png"))
@example((b"x" * 250 + b"a", 1, ".png"), (b"x" * 250 + b"b", 1, ".png"))
def test_no_two_originals_share_a_name_or_stand_in_each_others_way(
    one: tuple[bytes, int, str], other: tuple[bytes, int, str]
) -> None:
    mine, yours = (archive_parts("root", *file) for file in (one, other))
    assert (mine == yours) == (one == other)
    assert mine != yours[: len(mine)] or one == other
    assert all(0 < len(part) <= 200 for part in mine)


def test_names_and_paths_that_are_too_long_are_shortened(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "store")
    deep = b"/".join([b"\xe6\xbc\xa2" * 80] * 18 + [b"n" * 255])
    target = store.target("photos", deep, 1, ".png")
    target.parent.mkdir(parents=True)
    with atomic_output(target) as stream:
        stream.write(b"x")
    assert list(store.walk()) == [target]


def test_walking_yields_archive_files_only(tmp_path: Path) -> None:
    store = Store.create(tmp_path)
    assert list(store.walk()) == []
    kept = store.target("b", b"deep/er/\xff.jpg", 1, ".jxl")
    other = store.target("a", b"a.tif", 3, ".tif")
    for path in (kept, other):
        path.parent.mkdir(parents=True)
        path.write_bytes(b"")
    (other.parent / "Thumbs.db").write_bytes(b"")
    (other.parent / "link.irrm.png").symlink_to(tmp_path)
    with atomic_output(other.with_name("new.irrm.png")) as stream:
        unfinished = Path(os.fsdecode(stream.name))
        assert is_temporary(unfinished)
        found = list(store.walk())
    assert found[0] == other
    assert found[-1] == kept
    assert unfinished not in found


def test_a_name_that_looks_temporary_is_no_temporary_file_once_it_is_stored() -> None:
    name = b".photo.jpg.0123456789ab.part"
    parts = archive_parts("root", name, 1, ".png")
    assert is_temporary(os.fsdecode(name))
    assert not is_temporary(PurePosixPath(os.fsdecode(parts[-1])))
