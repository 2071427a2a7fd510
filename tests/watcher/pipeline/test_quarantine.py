from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from irrm_core.archive.catalogue import Entry, State
from irrm_core.errors import OutputExistsError, QuarantineError, SourceChangedError
from irrm_watcher import failpoints
from irrm_watcher.catalogue import CatalogueWriter
from irrm_watcher.pipeline.look import Look, look_at
from irrm_watcher.pipeline.quarantine import FOLDER, Quarantine, arrived, due

from .conftest import Crash


class Ward:
    """A watched folder with one committed file, and its quarantine."""

    def __init__(self, root: Path, writer: CatalogueWriter) -> None:
        root.mkdir()
        self.held = False
        self.root, self.writer = root, writer
        self.quarantine = Quarantine(root, writer, lambda _path: self.held)

    def commit(self, name: str, content: bytes = b"content") -> tuple[Entry, Look]:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        look = look_at(path)
        assert look is not None
        entry = self.writer.see("in", os.fsencode(name), look.signature, 0o644)
        for state in (State.stable, State.claimed, State.verified, State.committed):
            columns = {"stored_path": os.fsencode(name)} if state is State.verified else {}
            entry = self.writer.advance(entry, state, **columns)
        return entry, look

    def now(self, entry: Entry) -> Entry:
        found = self.writer.entry(entry.id)
        assert found is not None
        return found

    def contents(self) -> list[bytes]:
        """Return the content of every file, in its place or in quarantine."""
        return [path.read_bytes() for path in self.root.rglob("*") if path.is_file()]


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Ward]:
    with CatalogueWriter.open(tmp_path / "c.sqlite3") as writer:
        yield Ward(tmp_path / "in", writer)


def test_an_original_is_renamed_into_a_folder_of_its_own(ward: Ward) -> None:
    entry, look = ward.commit("a/photo.jpg")
    entry = ward.quarantine.take(entry, look, 77.9)
    place = ward.quarantine.place(entry)
    assert place is not None and place.name == "photo.jpg"
    assert place.parent.parent == ward.root / FOLDER
    assert place.stat().st_ino == look.inode
    assert not (ward.root / "a/photo.jpg").exists()
    assert (entry.state, entry.present, arrived(entry)) == (State.quarantined, False, 77.0)


def test_names_that_are_the_same_or_as_long_as_can_be_do_not_collide(ward: Ward) -> None:
    long = "n" * 255
    moved = [ward.quarantine.take(*ward.commit(f"{folder}/{long}"), 1.0) for folder in "abc"]
    assert len({entry.quarantine_path for entry in moved}) == 3


def test_a_file_that_changed_since_it_was_read_stays(ward: Ward) -> None:
    entry, look = ward.commit("photo.jpg")
    os.utime(ward.root / "photo.jpg", ns=(1, 1))
    with pytest.raises(SourceChangedError):
        ward.quarantine.take(entry, look, 0.0)
    assert (ward.root / "photo.jpg").exists()
    assert ward.now(entry).quarantine_path is None
    assert list((ward.root / FOLDER).iterdir()) == []


def test_a_file_whose_times_were_set_back_is_seen_to_have_changed(ward: Ward) -> None:
    entry, look = ward.commit("photo.jpg", b"content")
    path = ward.root / "photo.jpg"
    path.write_bytes(b"CONTENT")
    os.utime(path, ns=(look.mtime_ns, look.mtime_ns))
    with pytest.raises(SourceChangedError):
        ward.quarantine.take(entry, look, 0.0)
    assert path.read_bytes() == b"CONTENT"


def test_a_file_that_somebody_writes_stays(ward: Ward) -> None:
    entry, look = ward.commit("photo.jpg")
    ward.held = True
    with pytest.raises(SourceChangedError):
        ward.quarantine.take(entry, look, 0.0)
    assert (ward.root / "photo.jpg").exists()


def test_a_file_that_was_replaced_at_the_last_moment_is_put_back(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry, look = ward.commit("photo.jpg", b"old")
    (ward.root / "new").write_bytes(b"new content")
    rename = Path.rename

    def just_then(self: Path, target: Path) -> Path:
        monkeypatch.undo()
        rename(ward.root / "new", ward.root / "photo.jpg")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", just_then)
    with pytest.raises(SourceChangedError):
        ward.quarantine.take(entry, look, 0.0)
    assert (ward.root / "photo.jpg").read_bytes() == b"new content"
    assert ward.now(entry).quarantine_path is None


def test_a_quarantine_that_is_a_link_elsewhere_is_refused(ward: Ward, tmp_path: Path) -> None:
    entry, look = ward.commit("photo.jpg")
    (tmp_path / "elsewhere").mkdir()
    (ward.root / FOLDER).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(QuarantineError, match="not a folder"):
        ward.quarantine.take(entry, look, 0.0)
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize("point", failpoints.QUARANTINE)
def test_a_crash_on_the_way_into_quarantine_is_finished_or_undone(
    ward: Ward, crash_at: Callable[[str], None], point: str
) -> None:
    entry, look = ward.commit("a/photo.jpg")
    crash_at(point)
    with pytest.raises(Crash):
        ward.quarantine.take(entry, look, 5.0)
    crash_at("")
    for _ in range(2):  # a repetition changes nothing
        settled = ward.quarantine.settle(ward.now(entry))
        ward.quarantine.drop_empty_slots()
        assert ward.contents() == [b"content"]
        if settled.state is State.quarantined:
            place = ward.quarantine.place(settled)
            assert place is not None and place.exists()
        else:
            assert settled.quarantine_path is None
            assert (ward.root / "a/photo.jpg").exists()
            assert list((ward.root / FOLDER).glob("*")) == []


@pytest.mark.parametrize("point", failpoints.PURGE)
def test_a_crash_in_a_purge_leaves_the_original_or_a_purged_entry(
    ward: Ward, crash_at: Callable[[str], None], point: str
) -> None:
    entry = ward.quarantine.take(*ward.commit("photo.jpg"), 5.0)
    look = look_at(ward.quarantine.place(entry) or "")
    assert look is not None
    crash_at(point)
    with pytest.raises(Crash):
        ward.quarantine.purge(entry, look)
    crash_at("")
    settled = ward.quarantine.settle(ward.now(entry))
    assert (settled.state is State.purged) == (ward.contents() == [])
    assert settled.state in (State.purged, State.quarantined)


@pytest.mark.parametrize("point", failpoints.RETURN)
def test_a_crash_on_the_way_back_loses_nothing(
    ward: Ward, crash_at: Callable[[str], None], point: str
) -> None:
    entry = ward.quarantine.take(*ward.commit("photo.jpg"), 5.0)
    crash_at(point)
    with pytest.raises(Crash):
        ward.quarantine.give_back(entry)
    crash_at("")
    settled = ward.quarantine.settle(ward.now(entry))
    assert ward.contents() == [b"content"]
    assert (settled.state is State.committed) == (ward.root / "photo.jpg").exists()
    assert settled.state in (State.committed, State.quarantined)


def test_an_original_that_was_given_back_is_remembered_as_such(ward: Ward) -> None:
    entry = ward.quarantine.take(*ward.commit("a/photo.jpg"), 5.0)
    (ward.root / "a").rmdir()
    entry = ward.quarantine.give_back(entry)
    assert (ward.root / "a/photo.jpg").read_bytes() == b"content"
    assert entry.state is State.committed and entry.quarantined_at is not None
    assert entry.present and entry.quarantine_path is None
    assert ward.writer.to_quarantine("in", now=1e12, limit=5) == []


def test_giving_back_never_replaces_a_file(ward: Ward) -> None:
    entry = ward.quarantine.take(*ward.commit("photo.jpg"), 5.0)
    (ward.root / "photo.jpg").write_bytes(b"another")
    with pytest.raises(OutputExistsError):
        ward.quarantine.give_back(entry)
    assert sorted(ward.contents()) == [b"another", b"content"]


def test_an_original_that_changed_in_quarantine_is_not_purged(ward: Ward) -> None:
    entry = ward.quarantine.take(*ward.commit("photo.jpg"), 5.0)
    place = ward.quarantine.place(entry)
    assert place is not None
    look = look_at(place)
    assert look is not None
    place.write_bytes(b"written by one who held it open")
    with pytest.raises(SourceChangedError):
        ward.quarantine.purge(entry, look)
    assert place.exists()


def test_a_quarantine_that_is_not_mounted_says_nothing_about_its_files(ward: Ward) -> None:
    entry = ward.quarantine.take(*ward.commit("photo.jpg"), 5.0)
    (ward.root / FOLDER).rename(ward.root / "unmounted")
    assert ward.quarantine.settle(entry).state is State.quarantined


def test_a_retention_is_over_only_when_both_clocks_say_so(ward: Ward) -> None:
    entry = ward.quarantine.take(*ward.commit("photo.jpg"), 100.0)
    wall = entry.quarantined_at
    assert wall is not None
    assert due(entry, 50.0, wall + 50, 150.0)
    assert not due(entry, 50.0, wall + 1e9, 149.0)  # the wall clock jumped
    assert not due(entry, 50.0, wall + 49, 1e9)
    assert not due(entry, 50.0, wall - 1e9, 1e9)
