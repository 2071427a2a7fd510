"""The one writer: what it enters, what it refuses, and what lasts."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from irrm_core.archive.catalogue import TRANSITIONS, Catalogue, Entry, Signature, State
from irrm_core.archive.recall import Journal
from irrm_core.archive.store import Store
from irrm_core.errors import CatalogueDamagedError, CatalogueError, CatalogueMissingError
from irrm_watcher.catalogue import CatalogueWriter
from irrm_watcher.catalogue.tables import migrate
from irrm_watcher.testing.filling import fill

SOME = Signature(10, 5, 2**64 - 1, 3)
STORED: dict[str, Any] = {
    "storage": "exact",
    "stored_path": b"files/in/a.irrm.zst",
    "stored_size": 4,
    "stored_sha256": "00",
    "sha256": "aa",
    "measured": {"form": "zstd", "psnr": [38.2, None]},
    "archived_at": 100.125,
}


def committed(writer: CatalogueWriter, path: bytes = b"a", **columns: Any) -> Entry:
    entry = writer.see("in", path, SOME, 0o644)
    for state in (State.stable, State.claimed):
        entry = writer.advance(entry, state)
    entry = writer.advance(entry, State.verified, **{**STORED, **columns})
    return writer.advance(entry, State.committed)


def test_what_is_entered_comes_back_as_it_was(writer: CatalogueWriter) -> None:
    name = b"two\nlines/\xff\xfe.jpg"
    entry = writer.see("in", name, SOME, 0o100640)
    assert (entry.root, entry.path, entry.version, entry.state) == ("in", name, 1, State.seen)
    assert (entry.signature, entry.mode, entry.present) == (SOME, 0o100640, True)
    assert writer.newest("in", name) == writer.entry(entry.id) == entry
    done = committed(writer)
    assert {key: getattr(done, key) for key in STORED} == STORED


def test_a_file_that_changes_before_it_is_archived_keeps_its_row(writer: CatalogueWriter) -> None:
    first = writer.see("in", b"a", SOME, 0o644)
    failed = writer.advance(
        writer.advance(first, State.stable), State.failed, reason="unreadable", attempts=3
    )
    again = writer.see("in", b"a", Signature(11, 6, 1, 3), 0o600)
    assert (again.id, again.version, again.state) == (failed.id, 1, State.seen)
    assert (again.reason, again.attempts, again.size, again.mode) == ("", 0, 11, 0o600)


def test_a_file_that_changes_after_it_was_archived_becomes_the_next_version(
    writer: CatalogueWriter,
) -> None:
    first = committed(writer)
    second = writer.see("in", b"a", Signature(11, 6, 1, 3), 0o644)
    assert (second.version, second.state) == (2, State.seen)
    assert second.stored_path is None
    assert writer.versions("in", b"a") == [first, second]
    assert writer.entries(newest=True) == [second]


def test_a_touched_file_keeps_the_record_and_is_known_by_its_new_times(
    writer: CatalogueWriter,
) -> None:
    touched = Signature(10, 99, 8, 3)
    entry = writer.touch(committed(writer), touched)
    assert entry.mtime_ns == 5
    assert entry.stands_as(touched._replace(device=77))
    assert not entry.stands_as(touched._replace(inode=9))
    assert not entry.stands_as(SOME)
    assert entry.state == State.committed


@pytest.mark.parametrize("state", State)
def test_only_what_may_follow_a_state_follows_it(writer: CatalogueWriter, state: State) -> None:
    for after in State:
        entry = writer.add(
            {"root": "in", "path": os.urandom(8), "version": 1, "state": state, "size": 1,
             "mtime_ns": 1, "mode": 0, "seen_at": 0.0, "changed_at": 0.0}
        )  # fmt: skip
        if after in TRANSITIONS[state]:
            assert writer.advance(entry, after).state == after
        else:
            with pytest.raises(ValueError, match=f"{after} cannot follow {state}"):
                writer.advance(entry, after)
            assert writer.entry(entry.id) == entry


def test_a_step_that_was_made_already_may_be_made_again(writer: CatalogueWriter) -> None:
    entry = writer.see("in", b"a", SOME, 0o644)
    once = writer.advance(entry, State.stable)
    assert writer.advance(entry, State.stable, reason="again").id == once.id
    done = committed(writer, b"b")
    assert writer.advance(done, State.committed).storage == "exact"


def test_a_step_from_a_state_that_is_past_is_refused(writer: CatalogueWriter) -> None:
    entry = writer.see("in", b"a", SOME, 0o644)
    writer.advance(writer.advance(entry, State.stable), State.claimed)
    with pytest.raises(ValueError, match="should go from seen to stable, but is claimed"):
        writer.advance(entry, State.stable)


def test_what_is_rolled_back_has_nothing_stored(writer: CatalogueWriter) -> None:
    entry = writer.see("in", b"a", SOME, 0o644)
    for state in (State.stable, State.claimed):
        entry = writer.advance(entry, state)
    entry = writer.advance(entry, State.verified, **STORED)
    back = writer.advance(entry, State.stable)
    assert (back.stored_path, back.storage, back.archived_at) == (None, None, None)
    assert back.measured == {}
    kept = writer.advance(back, State.kept, reason="too small a saving")
    assert (kept.storage, kept.reason) == ("kept", "too small a saving")


def test_the_way_through_quarantine_is_told_with_its_times(path: Path) -> None:
    times = iter(range(1000))
    with CatalogueWriter.open(path, clock=lambda: float(next(times))) as writer:
        entry = writer.update(committed(writer), quarantine_path=b".irrm-quarantine/1/a")
        entry = writer.advance(entry, State.quarantined)
        assert not entry.present
        assert entry.quarantined_at is not None
        gone = writer.advance(entry, State.purged)
        assert gone.purged_at is not None
        assert gone.purged_at > entry.quarantined_at
        assert gone.quarantine_path is None
        back = writer.advance(gone, State.committed, present=True)
        assert back.purged_at is back.quarantined_at is None


def test_two_entries_cannot_have_one_archive_file(writer: CatalogueWriter) -> None:
    committed(writer)
    with pytest.raises(ValueError, match="its archive file is another entry's"):
        committed(writer, b"b")


def test_unknown_and_fixed_columns_are_refused(writer: CatalogueWriter) -> None:
    entry = writer.see("in", b"a", SOME, 0o644)
    with pytest.raises(TypeError, match="no column colour"):
        writer.update(entry, colour="red")
    for name in ("path", "state", "version"):
        with pytest.raises(TypeError, match=f"{name}: cannot be changed"):
            writer.update(entry, **{name: 1})


def test_a_reason_that_names_a_file_of_any_name_is_kept(writer: CatalogueWriter) -> None:
    entry = writer.see("in", b"\xff", SOME, 0o644)
    assert writer.advance(entry, State.failed, reason="\udcff: no").reason == "\\udcff: no"


def test_only_what_was_never_archived_is_forgotten(writer: CatalogueWriter) -> None:
    entry = writer.see("in", b"b", SOME, 0o644)
    writer.forget(entry)
    writer.forget(entry)
    assert writer.newest("in", b"b") is None
    done = committed(writer)
    with pytest.raises(ValueError, match="archived; not forgotten"):
        writer.forget(done)
    assert writer.entry(done.id) == done


def test_a_batch_happens_as_a_whole_or_not_at_all(path: Path, writer: CatalogueWriter) -> None:
    with pytest.raises(RuntimeError), writer.batch():
        writer.see("in", b"a", SOME, 0o644)
        with writer.batch():
            writer.see("in", b"b", SOME, 0o644)
        raise RuntimeError
    assert writer.entries() == []
    with writer.batch():
        writer.see("in", b"c", SOME, 0o644)
    with Catalogue.open(path) as catalogue:
        assert [entry.path for entry in catalogue.entries()] == [b"c"]


def child(code: str, path: Path) -> subprocess.Popen[str]:
    lines = (
        "import sys; from irrm_watcher.catalogue import CatalogueWriter",
        "from irrm_core.archive.catalogue import Signature",
        "writer = CatalogueWriter.open(sys.argv[1])",
        code,
        "print('ready', flush=True); sys.stdin.read()",
    )
    words = [sys.executable, "-c", "\n".join(lines), str(path)]
    process = subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def test_a_second_writer_is_told_who_the_first_is_until_that_is_gone(path: Path) -> None:
    first = child("", path)
    try:
        with pytest.raises(CatalogueError, match=f"is being written by process {first.pid} on "):
            CatalogueWriter.open(path)
    finally:
        first.send_signal(signal.SIGKILL)
        first.communicate()
    CatalogueWriter.open(path).close()


def test_what_was_done_before_a_kill_lasts_and_a_batch_cut_off_leaves_nothing(path: Path) -> None:
    code = (
        "for name in (b'a', b'b'): writer.see('in', name, Signature(1, 2), 0)\n"
        "held = writer.batch(); held.__enter__(); writer.see('in', b'c', Signature(1, 2), 0)"
    )
    process = child(code, path)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    with Catalogue.open(path) as catalogue:
        assert [entry.path for entry in catalogue.entries()] == [b"a", b"b"]
    with CatalogueWriter.open(path) as writer:
        assert [entry.path for entry in writer.entries()] == [b"a", b"b"]


def test_a_catalogue_is_synced_at_every_step(writer: CatalogueWriter) -> None:
    ask = writer._connection.execute
    assert ask("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert ask("PRAGMA synchronous").fetchone()[0] == 2


def test_a_missing_catalogue_over_a_full_store_is_an_error(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "store")
    CatalogueWriter.open(store.catalogue).close()
    held = store.target("in", b"a/b.jpg", 1, ".zst")
    held.parent.mkdir(parents=True)
    held.write_bytes(b"archive")
    CatalogueWriter.open(store.catalogue).close()
    elsewhere = tmp_path / "elsewhere.sqlite3"
    store.catalogue.unlink()
    for path in (store.catalogue, elsewhere):
        with pytest.raises(CatalogueMissingError, match=r"holds files.*catalog rebuild"):
            CatalogueWriter.open(path, store=store.path)
        assert not path.exists()
    store.catalogue.write_bytes(b"")
    with pytest.raises(CatalogueMissingError):
        CatalogueWriter.open(store.catalogue)


def test_a_catalogue_of_another_store_is_refused(tmp_path: Path) -> None:
    one, two = Store.create(tmp_path / "one"), Store.create(tmp_path / "two")
    path = tmp_path / "catalogue.sqlite3"
    CatalogueWriter.open(path, store=one.path).close()
    with pytest.raises(CatalogueError, match="catalogue of another store"):
        CatalogueWriter.open(path, store=two.path)
    CatalogueWriter.open(path, store=one.path).close()


def test_a_damaged_catalogue_is_not_written(path: Path) -> None:
    with CatalogueWriter.open(path) as writer:
        fill(writer, 300)
    content = bytearray(path.read_bytes())
    for start in range(8192, len(content), 8192):
        content[start : start + 200] = os.urandom(200)
    path.write_bytes(content)
    with pytest.raises(CatalogueDamagedError, match="catalog rebuild` --overwrite"):
        CatalogueWriter.open(path)
    assert path.read_bytes() == content


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="its folder is not there"):
        CatalogueWriter.open(tmp_path / "missing" / "catalogue.sqlite3")
    assert not (tmp_path / "missing").exists()


def test_tables_are_brought_up_to_date_step_by_step_each_as_a_whole() -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    steps = ["CREATE TABLE one (a)", "ALTER TABLE one ADD COLUMN b; INSERT INTO one VALUES (1, 2)"]
    migrate(connection, 0, steps[:1])
    migrate(connection, 1, steps)
    migrate(connection, 2, steps)
    assert connection.execute("SELECT * FROM one").fetchall() == [(1, 2)]
    assert connection.execute("PRAGMA user_version").fetchone() == (2,)
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, 2, [*steps, "INSERT INTO one VALUES (3, 4); SELECT nonsense"])
    assert connection.execute("SELECT count(*) FROM one").fetchone() == (1,)
    assert connection.execute("PRAGMA user_version").fetchone() == (2,)


def test_the_journal_of_restored_files_is_taken_over_once(
    path: Path, writer: CatalogueWriter, tmp_path: Path
) -> None:
    journal = Journal(tmp_path)
    assert writer.read_journal(tmp_path) == 0
    journal.append("aa", Path("/somewhere/\udcff.jpg"))
    journal.append("bb", Path("/somewhere/b"))
    assert writer.read_journal(tmp_path) == 2
    assert writer.read_journal(tmp_path) == 0
    journal.append("cc", Path("/somewhere/c"))
    assert writer.read_journal(tmp_path) == 1
    with Catalogue.open(path) as catalogue:
        assert [catalogue.was_restored(s) for s in ("aa", "bb", "cc", "dd")] == [True] * 3 + [False]


def test_a_note_is_kept_until_it_is_written_anew(path: Path, writer: CatalogueWriter) -> None:
    assert writer.note("clock") is None
    writer.write_note("clock", "1")
    writer.write_note("clock", "2")
    with Catalogue.open(path) as catalogue:
        assert catalogue.note("clock") == "2"
