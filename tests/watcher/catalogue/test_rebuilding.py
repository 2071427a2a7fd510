"""A catalogue that is lost is made anew from the store, and is the same again."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from irrm_core.archive.catalogue import (
    ARCHIVED,
    Catalogue,
    Entry,
    Signature,
    State,
    StorageClass,
    columns_of,
    record_columns,
)
from irrm_core.archive.exact import encode_exact
from irrm_core.archive.provenance import Provenance
from irrm_core.archive.recall import Journal
from irrm_core.archive.store import Store, read_provenance
from irrm_core.errors import Cancelled, CatalogueError, OutputExistsError
from irrm_core.imagefile import write_image
from irrm_core.progress import Cancel
from irrm_watcher.catalogue import CatalogueWriter, csv_lines, json_lines, rebuild


def store_exactly(
    store: Store, path: bytes, content: bytes, *, root: str = "in", version: int = 1, **more: Any
) -> tuple[Provenance, Path]:
    """Put an archive file of class exact into a store, as the daemon does."""
    source = store.spool / "copy"
    source.write_bytes(content)
    provenance = Provenance(
        root=root, path=path, version=version, size=len(content),
        sha256=hashlib.sha256(content).hexdigest(), storage=StorageClass.exact,
        **{"mtime_ns": 5, "mode": 0o100640, "archived_at": 100.0, **more},
    )  # fmt: skip
    target = store.target(root, path, version, ".zst")
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("x+b") as stream:
        encode_exact(source, stream, provenance)
    return read_provenance(target), target


def enter(
    writer: CatalogueWriter, store: Store, provenance: Provenance, archive_file: Path
) -> Entry:
    """Take a file through the states to ``committed``."""
    found = Signature(provenance.size, provenance.mtime_ns, 1, 1)
    entry = writer.see(provenance.root, provenance.path, found, provenance.mode)
    for state in (State.stable, State.claimed):
        entry = writer.advance(entry, state)
    content = archive_file.read_bytes()
    columns = columns_of(
        provenance,
        stored_path=store.relative(archive_file),
        stored_size=len(content),
        stored_sha256=hashlib.sha256(content).hexdigest(),
    )
    entry = writer.advance(entry, State.verified, **columns)
    return writer.advance(entry, State.committed)


def records(path: Path) -> list[dict[str, Any]]:
    with Catalogue.open(path) as catalogue:
        return [record_columns(entry) for entry in catalogue.entries(states=ARCHIVED)]


def only(path: Path) -> Entry:
    with Catalogue.open(path) as catalogue:
        (entry,) = catalogue.entries()
    return entry


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.create(tmp_path / "store")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    return folder


names = st.binary(min_size=1, max_size=12).filter(
    lambda name: not set(name) & set(b"/\0") and name not in (b".", b"..")
)
paths = st.lists(names, min_size=1, max_size=3).map(b"/".join)
values = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5)
measured = st.dictionaries(
    st.text(max_size=5), values | st.lists(st.floats(allow_nan=False, allow_infinity=False)),
    max_size=3,
)  # fmt: skip
versions = st.lists(
    st.fixed_dictionaries(
        {
            "content": st.binary(max_size=50),
            "mtime_ns": st.integers(-(2**62), 2**62),
            "mode": st.integers(0, 0o177777),
            "archived_at": st.floats(0, 2**33),
            "measured": measured,
            "xattrs": st.dictionaries(st.just("user.note"), st.binary(max_size=9)),
        }
    ),
    min_size=1,
    max_size=3,
)


@settings(max_examples=20, deadline=None)
@given(st.dictionaries(st.tuples(st.sampled_from(["in", "raw ß"]), paths), versions, max_size=4))
def test_a_rebuilt_catalogue_is_the_one_that_was_lost(
    files: Mapping[tuple[str, bytes], list[dict[str, Any]]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Store.create(Path(folder) / "store")
        with CatalogueWriter.open(store.catalogue) as writer, writer.batch():
            for (root, path), contents in files.items():
                for version, told in enumerate(contents, start=1):
                    stored = store_exactly(store, path, root=root, version=version, **told)
                    assert enter(writer, store, *stored).version == version
        before = records(store.catalogue)
        assert len(before) == sum(map(len, files.values()))
        made = rebuild(store.catalogue, store, {}, overwrite=True)
        assert not made.unused
        assert records(store.catalogue) == before


def test_a_picture_of_class_lr_is_found_again(
    store: Store,
    root: Path,
    default_models: Path,
    pixels: Callable[..., NDArray[Any]],
) -> None:
    from irrm_core.archive.classes import Rule, Stored, commit, spool, store_file
    from irrm_core.archive.gate import Floors

    write_image(root / "drawing.png", pixels(40, 56, 3))
    rule = Rule(
        classes=frozenset({StorageClass.lr}),
        floors=Floors(psnr=0, ssim=None),
        minimum_saving=0,
        precision="fp32",
    )
    spooled = spool(root / "drawing.png", store)
    facts = spooled.facts("in", b"drawing.png", 1)
    stored = store_file(spooled.path, facts, rule, store, rule.pool(device="cpu", threads=1))
    assert isinstance(stored, Stored)
    with CatalogueWriter.open(store.catalogue) as writer:
        commit(stored)
        enter(writer, store, stored.provenance, stored.target)
    before = records(store.catalogue)
    assert (before[0]["storage"], before[0]["stored_sha256"]) == ("lr", stored.sha256)
    made = rebuild(store.catalogue, store, {"in": root}, overwrite=True)
    assert (made.entries, made.present, made.quarantined) == (1, 1, 0)
    assert records(store.catalogue) == before


def test_an_original_that_stands_unchanged_is_present_and_known(store: Store, root: Path) -> None:
    original = root / "a"
    original.write_bytes(b"content")
    store_exactly(store, b"a", b"content", mtime_ns=original.stat().st_mtime_ns)
    store_exactly(store, b"gone", b"content")
    made = rebuild(store.catalogue, store, {"in": root})
    assert (made.entries, made.present, made.quarantined, made.aside) == (2, 1, 0, None)
    with Catalogue.open(store.catalogue) as catalogue:
        here, gone = catalogue.entries()
    found = original.stat()
    assert here.stands_as(Signature(7, found.st_mtime_ns, found.st_ino, found.st_dev))
    assert (here.state, here.present) == (State.committed, True)
    assert (gone.state, gone.present) == (State.committed, False)


def test_a_file_that_looks_otherwise_is_left_for_the_next_scan(store: Store, root: Path) -> None:
    (root / "a").write_bytes(b"another content")
    store_exactly(store, b"a", b"content")
    rebuild(store.catalogue, store, {"in": root})
    assert not only(store.catalogue).present


def test_originals_in_quarantine_are_found_by_their_content(store: Store, root: Path) -> None:
    for name in (b"x/a.jpg", b"y/b.jpg", b"z/gone.jpg"):
        store_exactly(store, name, b"the same" if name != b"z/gone.jpg" else b"other")
    for slot in ("1-x/b.jpg", "2-x/a.jpg", "3-x/gone.jpg"):
        lying = root / ".irrm-quarantine" / slot
        lying.parent.mkdir(parents=True)
        lying.write_bytes(b"the same")
    made = rebuild(store.catalogue, store, {"in": root}, clock=lambda: 1234.0)
    assert made.quarantined == 2
    with Catalogue.open(store.catalogue) as catalogue:
        a, b, gone = catalogue.entries()
    assert (a.state, a.quarantine_path) == (State.quarantined, b".irrm-quarantine/2-x/a.jpg")
    assert (b.state, b.quarantine_path) == (State.quarantined, b".irrm-quarantine/1-x/b.jpg")
    assert a.quarantined_at == 1234.0
    assert gone.state == State.committed


def test_only_the_newest_version_can_stand_in_its_place(store: Store, root: Path) -> None:
    (root / "a").write_bytes(b"content")
    os.utime(root / "a", ns=(5, 5))
    store_exactly(store, b"a", b"content")
    store_exactly(store, b"a", b"CONTENT", version=2)
    rebuild(store.catalogue, store, {"in": root})
    with Catalogue.open(store.catalogue) as catalogue:
        assert [entry.present for entry in catalogue.entries()] == [False, True]


def test_what_cannot_be_read_is_named_and_the_rest_is_entered(store: Store) -> None:
    _, bad = store_exactly(store, b"bad", b"content")
    store_exactly(store, b"good", b"content")
    bad.write_bytes(b"damaged")
    made = rebuild(store.catalogue, store, {})
    assert [item.path for item in made.unused] == [bad]
    assert only(store.catalogue).path == b"good"


def test_of_two_files_of_one_version_the_later_counts(store: Store) -> None:
    _, early = store_exactly(store, b"a", b"content", archived_at=1.0)
    early.rename(early.with_name("a.irrm.jxl"))
    _, late = store_exactly(store, b"a", b"content", archived_at=2.0)
    made = rebuild(store.catalogue, store, {})
    assert [item.path.name for item in made.unused] == ["a.irrm.jxl"]
    assert only(store.catalogue).stored_path == store.relative(late)


def test_a_catalogue_that_is_there_is_kept_or_put_aside_with_its_log(store: Store) -> None:
    store_exactly(store, b"a", b"content")
    store.catalogue.write_bytes(b"the old one")
    log = store.catalogue.with_name("catalogue.sqlite3-wal")
    log.write_bytes(b"its log")
    with pytest.raises(OutputExistsError, match="--overwrite puts it aside"):
        rebuild(store.catalogue, store, {})
    assert store.catalogue.read_bytes() == b"the old one"
    asides = [rebuild(store.catalogue, store, {}, overwrite=True, clock=lambda: 0.0).aside
              for _ in range(2)]  # fmt: skip
    assert asides[0] is not None
    assert asides[0].name == "catalogue.sqlite3.before-19700101-000000"
    assert asides[0].read_bytes() == b"the old one"
    assert asides[0].with_name(asides[0].name + "-wal").read_bytes() == b"its log"
    assert not log.exists()
    assert asides[1] not in (None, asides[0])
    assert only(store.catalogue).path == b"a"


def test_a_log_without_a_catalogue_is_never_applied_to_the_new_one(store: Store) -> None:
    store_exactly(store, b"a", b"content")
    with CatalogueWriter.open(store.path / "other", store=store.path / "none") as writer:
        writer.see("in", b"stray", Signature(1, 1), 0)
        stray = (store.path / "other-wal").read_bytes()
    store.catalogue.with_name("catalogue.sqlite3-wal").write_bytes(stray)
    assert rebuild(store.catalogue, store, {}).aside is not None
    assert only(store.catalogue).path == b"a"


def test_nothing_is_left_behind_by_a_rebuild_that_ends_early(store: Store) -> None:
    store_exactly(store, b"a", b"content")
    left = store.path / ".catalogue.sqlite3.0123456789ab.part-wal"
    left.write_bytes(b"of one that was killed")
    cancel = Cancel()
    cancel.cancel()
    with pytest.raises(Cancelled):
        rebuild(store.catalogue, store, {}, cancel=cancel)
    rebuild(store.catalogue, store, {})
    rest = {path.name for path in store.path.iterdir()} - {"catalogue.sqlite3.lock"}
    assert rest == {"catalogue.sqlite3", "files", "irrm-store.json", "spool"}


def test_while_a_writer_is_at_work_nothing_is_rebuilt(store: Store) -> None:
    with (
        CatalogueWriter.open(store.catalogue),
        pytest.raises(CatalogueError, match="is being written"),
    ):
        rebuild(store.catalogue, store, {}, overwrite=True)


def test_a_rebuilt_catalogue_is_taken_up_by_the_writer_and_knows_what_was_restored(
    store: Store,
) -> None:
    store_exactly(store, b"a", b"content")
    Journal(store.path).append("aa", Path("/somewhere"))
    rebuild(store.catalogue, store, {})
    with CatalogueWriter.open(store.catalogue) as writer:
        assert writer.was_restored("aa")
        assert writer.read_journal(store.path) == 0
        assert writer.see("in", b"a", Signature(1, 1), 0).version == 2


def test_an_export_has_every_entry_in_a_line_that_can_be_read_again(store: Store) -> None:
    store_exactly(store, b'a,\xff"', b"content", measured={"psnr": [38.5]})
    rebuild(store.catalogue, store, {})
    with Catalogue.open(store.catalogue) as catalogue:
        (entry,) = catalogue.entries()
        (line,) = json_lines(catalogue.entries())
        head, row = csv_lines(catalogue.entries())
    told = json.loads(line)
    assert os.fsencode(told["path"]) == entry.path
    assert told["measured"] == entry.measured
    assert told["stored_size"] == entry.stored_size
    assert len(head.split(",")) == len(told)
    assert '"a,\udcff"""' in row
