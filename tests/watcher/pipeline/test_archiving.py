from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from irrm_core.archive.catalogue import Entry, State, StorageClass, record_columns
from irrm_core.archive.classes import Rule
from irrm_core.archive.recall import StorePools, write_content
from irrm_core.archive.store import Store, read_provenance
from irrm_core.progress import Cancel, NoProgress
from irrm_watcher import failpoints
from irrm_watcher.catalogue import CatalogueWriter
from irrm_watcher.pipeline import encoding
from irrm_watcher.pipeline.archiving import claim, encoded, settle_outcome
from irrm_watcher.pipeline.encoding import archived
from irrm_watcher.pipeline.jobs import Archive, Archived
from irrm_watcher.pipeline.look import look_at
from irrm_watcher.pipeline.recovery import recover

from .conftest import Crash

CONTENT = b"a line that repeats\n" * 50


@dataclass
class Bench:
    """A store with its catalogue, and one file that is to be archived byte for byte."""

    folder: Path
    writer: CatalogueWriter
    store: Store

    def entry(self) -> Entry:
        (entry,) = self.writer.entries()
        return entry

    def find(self, content: bytes = CONTENT) -> Path:
        source = self.folder / "notes.txt"
        source.write_bytes(content)
        look = look_at(source)
        assert look is not None
        entry = self.writer.see("in", b"notes.txt", look.signature, 0o644)
        self.writer.advance(entry, State.stable)
        return source

    def archive(self) -> Entry:
        """Do what worker and daemon do for one file."""
        entry = claim(self.writer, self.entry())
        job = Archive(
            self.folder / "notes.txt", entry, Rule(classes=frozenset({StorageClass.exact}))
        )

        def judged() -> None:
            encoded(self.writer, self.entry())

        pool = job.rule.pool()
        result = archived(job, self.store, self.writer.path, pool, Cancel(), NoProgress(), judged)
        assert isinstance(result, Archived)
        assert self.entry().state is State.encoded
        return settle_outcome(self.writer, self.store, self.entry(), result)

    def temporaries(self) -> list[Path]:
        spooled = list(self.store.spool.iterdir())
        return [*spooled, *self.store.files.rglob(".*")]


@contextmanager
def opened(folder: Path) -> Iterator[Bench]:
    store = Store.create(folder / "store")
    with CatalogueWriter.open(store.catalogue) as writer:
        yield Bench(folder, writer, store)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with opened(tmp_path) as bench:
        yield bench


def test_a_committed_row_says_what_the_file_in_the_store_says(bench: Bench) -> None:
    bench.find()
    entry = bench.archive()
    assert entry.state is State.committed and entry.stored_path is not None
    told = read_provenance(bench.store.stored(entry.stored_path))
    columns = record_columns(entry)
    for name in ("root", "path", "version", "storage", "size", "mtime_ns", "mode", "sha256"):
        assert columns[name] == getattr(told, name)
    assert columns["archived_at"] == told.archived_at
    assert bench.temporaries() == []


@pytest.mark.parametrize("point", failpoints.ARCHIVING)
def test_a_crash_at_any_step_is_finished_or_rolled_back(
    bench: Bench, crash_at: Callable[[str], None], point: str, tmp_path: Path
) -> None:
    bench.find()
    crash_at(point)
    with pytest.raises(Crash):
        bench.archive()
    crash_at("")
    for _ in range(2):  # a repetition changes nothing
        recover(bench.writer, bench.store, [])
        entry = bench.entry()
        assert bench.temporaries() == []
        assert entry.state in (State.stable, State.committed)
        assert (entry.stored_path is not None) == entry.archived
        assert len(list(bench.store.walk())) == entry.archived
    if not entry.archived:
        entry = bench.archive()
    restored = tmp_path / "restored"
    write_content(entry, bench.store, restored, StorePools(bench.store).of(entry))
    assert restored.read_bytes() == CONTENT


@pytest.mark.parametrize("point", failpoints.RECOVERY)
def test_a_crash_of_the_recovery_is_recovered_from(
    bench: Bench, crash_at: Callable[[str], None], point: str
) -> None:
    bench.find()
    crash_at("after-rename")
    with pytest.raises(Crash):
        bench.archive()
    crash_at(point)
    with pytest.raises(Crash):
        recover(bench.writer, bench.store, [])
    crash_at("")
    recover(bench.writer, bench.store, [])
    assert bench.entry().state is State.committed


def test_what_a_killed_worker_left_is_removed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.find()
    entry = claim(bench.writer, bench.entry())
    target = bench.store.target("in", b"notes.txt", 1, ".zst")
    target.parent.mkdir(parents=True)
    target.with_name(f".{target.name}.0123456789ab.part").write_bytes(b"half")
    (bench.store.spool / "abc.spool").write_bytes(b"copy")
    assert recover(bench.writer, bench.store, []) == {"rolled back": 1}
    assert bench.temporaries() == []
    assert bench.entry().state is State.stable
    assert entry.state is State.claimed


def test_an_archive_file_that_is_not_the_verified_one_is_not_adopted(
    bench: Bench, crash_at: Callable[[str], None]
) -> None:
    bench.find()
    crash_at("after-rename")
    with pytest.raises(Crash):
        bench.archive()
    crash_at("")
    (stored,) = bench.store.walk()
    stored.write_bytes(b"damaged")
    assert recover(bench.writer, bench.store, []) == {"rolled back": 1}
    assert bench.entry().state is State.stable


def test_a_file_that_changes_while_it_is_encoded_leaves_nothing_in_the_store(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = bench.find()

    def meddle(name: str) -> None:
        if name == "after-candidate":
            source.write_bytes(CONTENT + b"and one more")

    monkeypatch.setattr(encoding, "reach", meddle)
    with pytest.raises(OSError, match="changed"):
        bench.archive()
    assert bench.temporaries() == []
    assert list(bench.store.walk()) == []
