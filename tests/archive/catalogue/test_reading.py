"""Opening a catalogue to read: while it is written, where nothing can be, damaged, elsewhere."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import irrm_core.filesystem
from irrm_core.archive.catalogue import Catalogue, Selection, Signature, State
from irrm_core.errors import CatalogueDamagedError, CatalogueError, CatalogueMissingError
from irrm_watcher.catalogue import CatalogueWriter
from irrm_watcher.testing.filling import fill

SOME = Signature(10, 5, 7, 1)


def test_readers_see_what_is_committed_while_the_writer_goes_on(
    path: Path, writer: CatalogueWriter
) -> None:
    writer.see("in", b"a", SOME, 0o644)
    with Catalogue.open(path) as catalogue:
        with writer.batch():
            writer.see("in", b"b", SOME, 0o644)
            assert [entry.path for entry in catalogue.entries()] == [b"a"]
        assert [entry.path for entry in catalogue.entries()] == [b"a", b"b"]


def test_a_reader_cannot_write(path: Path, writer: CatalogueWriter) -> None:
    with Catalogue.open(path) as catalogue, pytest.raises(sqlite3.OperationalError):
        catalogue._connection.execute("DELETE FROM entry")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system that can be made read-only."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "none", str(folder)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("needs root to mount a file system")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def make_read_only(disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)


def test_a_catalogue_on_a_read_only_disk_is_read(disk: Path) -> None:
    with CatalogueWriter.open(disk / "c") as writer:
        before = writer.see("in", b"a", SOME, 0o644)
    make_read_only(disk)
    with Catalogue.open(disk / "c") as catalogue:
        assert catalogue.entries() == [before]


def test_what_a_crash_left_in_the_log_is_read_on_a_read_only_disk(disk: Path) -> None:
    with CatalogueWriter.open(disk / "w") as writer:
        before = writer.see("in", b"a", SOME, 0o644)
        for ending in ("", "-wal"):
            shutil.copyfile(disk / f"w{ending}", disk / f"c{ending}")
    assert (disk / "c-wal").stat().st_size
    make_read_only(disk)
    with Catalogue.open(disk / "c") as catalogue:
        assert catalogue.entries() == [before]


def test_a_missing_catalogue_is_an_error_that_names_the_remedy(path: Path) -> None:
    with pytest.raises(CatalogueMissingError, match=r"no catalogue here.*catalog rebuild"):
        Catalogue.open(path)
    assert not path.exists()


def database(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE entry (id)")


@pytest.mark.parametrize(
    "make",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"not a database at all" * 500),
        database,
    ],
    ids=["empty", "text", "another database"],
)
def test_what_is_no_catalogue_is_refused(path: Path, make) -> None:  # type: ignore[no-untyped-def]
    make(path)
    before = path.read_bytes()
    with pytest.raises(CatalogueDamagedError, match=r"catalog rebuild` --overwrite"):
        Catalogue.open(path)
    assert path.read_bytes() == before


def test_damage_met_while_reading_names_the_remedy(path: Path) -> None:
    with CatalogueWriter.open(path) as writer:
        fill(writer, 300)
    content = bytearray(path.read_bytes())
    content[4096:-4096] = os.urandom(len(content) - 8192)
    path.write_bytes(content)
    with pytest.raises(CatalogueDamagedError, match="catalog rebuild"):  # noqa: SIM117
        with Catalogue.open(path) as catalogue:
            catalogue.entries()


def test_a_catalogue_of_a_newer_version_is_left_alone(path: Path) -> None:
    CatalogueWriter.open(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    for opening in (Catalogue.open, CatalogueWriter.open):
        with pytest.raises(CatalogueError, match=r"newer irrm-watch .*99.*update"):
            opening(path)


def test_a_network_file_system_is_refused(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    CatalogueWriter.open(path).close()
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"30 21 0:25 / {tmp_path} rw - nfs4 server:/share rw\n")
    monkeypatch.setattr(irrm_core.filesystem, "_MOUNTS", mounts)
    for opening in (Catalogue.open, CatalogueWriter.open):
        with pytest.raises(CatalogueError, match=r"network file system \(nfs4\).*local disk"):
            opening(path)


def test_counts_and_sums_are_those_of_the_entries(path: Path, writer: CatalogueWriter) -> None:
    fill(writer, 110)
    coming = writer.see("new", b"a", SOME, 0o644)
    with Catalogue.open(path) as catalogue:
        summary, entries = catalogue.summary(), catalogue.entries()
        reasons = catalogue.reasons(State.kept)
    archived = [entry for entry in entries if entry.archived]
    assert summary.files == len(entries) == 111
    assert summary.roots == {"pictures": 110, "new": 1}
    assert summary.states == {
        State.purged: 30, State.quarantined: 30, State.committed: 30,
        State.kept: 10, State.failed: 10, State.seen: 1,
    }  # fmt: skip
    assert sum(summary.classes.values()) == len(archived)
    assert summary.original_bytes == sum(entry.size for entry in archived)
    assert summary.stored_bytes == sum(entry.stored_size or 0 for entry in archived)
    assert summary.saved_bytes == summary.original_bytes - summary.stored_bytes
    assert summary.freed_bytes == sum(e.size for e in entries if e.state == State.purged)
    assert (summary.backlog, summary.oldest_pending) == (1, coming.seen_at)
    assert summary.failures == 10
    assert summary.last_success == max(entry.archived_at or 0 for entry in archived)
    assert reasons == [("too small a saving (4 %)", 10)]


def test_an_empty_catalogue_has_nothing_to_say(path: Path, writer: CatalogueWriter) -> None:
    with Catalogue.open(path) as catalogue:
        summary = catalogue.summary()
        assert (summary.files, summary.saved_bytes, summary.backlog) == (0, 0, 0)
        assert summary.oldest_pending is summary.last_success is None
        assert catalogue.select(Selection(all=True)) == []


def plans(catalogue: Catalogue, query: str) -> str:
    rows = catalogue._connection.execute(f"EXPLAIN QUERY PLAN {query}")
    return " ".join(row[3] for row in rows)


def test_what_is_asked_often_is_answered_by_an_index(path: Path, writer: CatalogueWriter) -> None:
    asked: list[str] = []
    with Catalogue.open(path) as catalogue:
        catalogue._connection.set_trace_callback(asked.append)
        catalogue.summary()
        catalogue.newest("in", b"a")
        catalogue.entries(root="in", below=b"folder")
        catalogue.entries(states={State.seen})
        catalogue.with_content("00")
        catalogue.was_restored("00")
        catalogue._connection.set_trace_callback(None)
        found = {query: plans(catalogue, query) for query in asked}
    assert len(found) >= 7
    assert {
        query: plan
        for query, plan in found.items()
        if "INDEX" not in plan and "PRIMARY KEY" not in plan
    } == {}


def test_entries_are_found_by_folder_state_version_and_content(writer: CatalogueWriter) -> None:
    for name in (b"a/x", b"a/y", b"a", b"ab", b"a-", b"b/x"):
        writer.see("in", name, SOME, 0o644)
    writer.advance(writer.see("raw", b"a/x", SOME, 0), State.failed, sha256="ab", reason="r")
    assert [e.path for e in writer.entries(root="in", below=b"a")] == [b"a", b"a/x", b"a/y"]
    assert [e.root for e in writer.entries(below=b"a/x")] == ["in", "raw"]
    assert [e.root for e in writer.entries(states={State.failed})] == ["raw"]
    assert [e.root for e in writer.with_content("ab")] == ["raw"]
    assert len(writer.entries(limit=3)) == 3
    assert writer.roots() == ["in", "raw"]
    assert writer.entry(999) is None
