"""Files out of a store: as they were or not at all, and never over what is better."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from irrm_core.archive import RescalerPool, inspect_file
from irrm_core.archive.catalogue import Entry
from irrm_core.archive.classes import Rule
from irrm_core.archive.gate import Delivery
from irrm_core.archive.recall import (
    Failed,
    Journal,
    Outcome,
    Overwrite,
    Restored,
    StorePools,
    plan_restore,
    restore_all,
    restore_entry,
)
from irrm_core.archive.store import Store
from irrm_core.errors import (
    Cancelled,
    DigestMismatchError,
    IrrmError,
    NotRestorableError,
    UsageError,
)
from irrm_core.imagefile import atomic_output, read_image, remove_leftovers
from irrm_core.progress import Cancel
from irrm_core.zoo import registry

from .building import EXACT, LR, archive


def sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def restored(
    entry: Entry, store: Store, folder: Path, to: Path | None = None, **options: Any
) -> Restored:
    (planned,) = plan_restore([entry], roots={"photos": folder}, to=to, **options)
    pool = StorePools(store, device="cpu", threads=1).of(entry)
    return restore_entry(planned, store, pool)


def everything(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


@pytest.mark.parametrize("path", ["notes.txt", "2019/photo.jpg", "scan.tif"])
def test_an_exact_file_comes_back_with_its_bytes_name_mode_and_time(
    store: Store, watched: Path, path: str
) -> None:
    original = watched / path
    original.chmod(0o604)
    os.utime(original, ns=(1, 1_234_567_890_123_456_789))
    content = original.read_bytes()
    entry = archive(store, watched, path, EXACT)
    original.unlink()
    result = restored(entry, store, watched)
    assert (result.target, result.outcome) == (original, Outcome.restored)
    assert original.read_bytes() == content
    status = original.stat()
    assert stat.S_IMODE(status.st_mode) == 0o604
    assert status.st_mtime_ns == 1_234_567_890_123_456_789


def test_extended_attributes_come_back(store: Store, watched: Path, tmp_path: Path) -> None:
    original = watched / "notes.txt"
    try:
        os.setxattr(original, "user.rating", b"\x00five")
    except OSError:
        pytest.skip("this file system has no extended attributes")
    result = restored(archive(store, watched, "notes.txt", EXACT), store, watched, tmp_path / "o")
    assert os.getxattr(result.target, "user.rating") == b"\x00five"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("drawing.png", "drawing.png"),
        ("deep.png", "deep.png"),
        ("stack.tif", "stack.tif"),
        ("2019/photo.jpg", "2019/photo.jpg.restored.png"),
    ],
)
def test_a_restoration_is_marked_and_needs_nothing_but_the_store(
    store: Store,
    watched: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    name: str,
) -> None:
    before, info = read_image(watched / path)
    entry = archive(store, watched, path, LR)
    monkeypatch.setenv("IRRM_MODEL_DIR", str(tmp_path / "empty zoo"))
    monkeypatch.setattr(registry, "_registered", [])
    result = restored(entry, store, watched, tmp_path / "out")
    assert result.target == tmp_path / "out" / name
    after, restored_info = read_image(result.target)
    assert (after.shape, after.dtype) == (before.shape, before.dtype)
    assert restored_info.format.startswith(info.format if name == path else "png")
    assert inspect_file(result.target).kind == "restored"
    assert result.target.stat().st_mtime_ns == entry.mtime_ns
    assert result.sha256 == sha(result.target)


def test_a_photograph_comes_back_as_jpeg_if_its_rule_says_so(
    store: Store, watched: Path, tmp_path: Path
) -> None:
    rule = replace(LR, delivery=Delivery("jpeg", 90))
    entry = archive(store, watched, "2019/photo.jpg", rule)
    result = restored(entry, store, watched, tmp_path / "out")
    assert result.target.name == "photo.jpg"
    assert result.target.read_bytes().startswith(b"\xff\xd8")
    assert inspect_file(result.target).kind == "restored"


@pytest.mark.parametrize("overwrite", Overwrite)
def test_the_original_where_it_stands_is_never_replaced(
    store: Store, watched: Path, overwrite: Overwrite
) -> None:
    entry = archive(store, watched, "drawing.png", LR)
    before = sha(watched / "drawing.png")
    os.utime(watched / "drawing.png")  # touched: only its content tells
    result = restored(entry, store, watched, overwrite=overwrite)
    assert result.outcome is Outcome.there
    assert sha(watched / "drawing.png") == before


@pytest.mark.parametrize(
    ("overwrite", "outcome"),
    [("never", "kept"), ("if-changed", "restored"), ("always", "restored")],
)
@pytest.mark.parametrize("rule", [LR, EXACT])
def test_another_file_that_stands_there_is_replaced_only_if_asked(
    store: Store, watched: Path, rule: Rule, overwrite: str, outcome: str
) -> None:
    entry = archive(store, watched, "scan.tif", rule)
    (watched / "scan.tif").write_bytes(b"somebody's own work")
    result = restored(entry, store, watched, overwrite=overwrite)
    assert result.outcome == outcome
    kept = (watched / "scan.tif").read_bytes() == b"somebody's own work"
    assert kept == (outcome == "kept")


@pytest.mark.parametrize("overwrite", ["never", "if-changed"])
def test_what_was_restored_before_is_left_as_it_is(
    store: Store, watched: Path, tmp_path: Path, overwrite: str
) -> None:
    entry = archive(store, watched, "drawing.png", LR)
    first = restored(entry, store, watched, tmp_path / "out")
    inode = first.target.stat().st_ino
    again = restored(entry, store, watched, tmp_path / "out", overwrite=overwrite)
    assert again.outcome is Outcome.there
    os.utime(first.target)  # and if its time says nothing, its content does
    if overwrite == "if-changed":
        again = restored(entry, store, watched, tmp_path / "out", overwrite=overwrite)
        assert again.outcome is Outcome.there
    assert first.target.stat().st_ino == inode


def test_a_folder_or_a_link_with_the_name_of_the_file_is_kept(
    store: Store, watched: Path, tmp_path: Path
) -> None:
    entry = archive(store, watched, "notes.txt", EXACT)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"precious")
    (watched / "notes.txt").unlink()
    (watched / "notes.txt").symlink_to(elsewhere)
    assert restored(entry, store, watched, overwrite="always").outcome is Outcome.kept
    assert elsewhere.read_bytes() == b"precious"
    assert (watched / "notes.txt").is_symlink()


def test_a_link_that_leads_out_of_the_folder_is_not_followed(
    store: Store, watched: Path, tmp_path: Path
) -> None:
    entry = archive(store, watched, "2019/photo.jpg", EXACT)
    (tmp_path / "outside").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "2019").symlink_to(tmp_path / "outside")
    with pytest.raises(UsageError, match="symbolic link"):
        restored(entry, store, watched, tmp_path / "out")
    assert not list((tmp_path / "outside").iterdir())


@pytest.mark.parametrize("rule", [LR, EXACT])
@pytest.mark.parametrize("harm", ["flip", "cut", "remove", "swap"])
def test_a_damaged_stored_file_is_refused_and_leaves_nothing(
    store: Store, watched: Path, tmp_path: Path, rule: Rule, harm: str
) -> None:
    entry = archive(store, watched, "scan.tif", rule)
    stored = store.stored(entry.stored_path or b"")
    content = bytearray(stored.read_bytes())
    if harm == "flip":
        content[len(content) // 2] ^= 1
    stored.write_bytes(content[: len(content) // 2] if harm == "cut" else content)
    if harm == "remove":
        stored.unlink()
    if harm == "swap":
        other = archive(store, watched, "2019/photo.jpg", rule)
        shutil.copy(store.stored(other.stored_path or b""), stored)
    with pytest.raises(NotRestorableError, match="backup of the store"):
        restored(entry, store, watched, tmp_path / "out")
    assert everything(tmp_path / "out") == set()
    assert Journal(store.path).hashes() == set()


def test_an_exact_file_that_decodes_to_something_else_is_refused(
    store: Store, watched: Path, tmp_path: Path
) -> None:
    entry = archive(store, watched, "notes.txt", EXACT)
    with pytest.raises(DigestMismatchError):
        restored(replace(entry, sha256="0" * 64), store, watched, tmp_path / "out")
    assert everything(tmp_path / "out") == set()


def test_a_damaged_copy_of_the_model_is_refused(
    store: Store, watched: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = archive(store, watched, "drawing.png", LR)
    monkeypatch.setenv("IRRM_MODEL_DIR", str(tmp_path / "empty zoo"))
    (weights,) = store.models.glob("*/weights.safetensors")
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    with pytest.raises(IrrmError):
        restored(entry, store, watched, tmp_path / "out")
    assert everything(tmp_path / "out") == set()


def test_the_journal_has_the_hash_before_the_file_has_its_name(
    store: Store, watched: Path, tmp_path: Path
) -> None:
    entry = archive(store, watched, "drawing.png", LR)
    seen = []

    class Watching(Journal):
        def append(self, sha256: str, path: Path) -> None:
            super().append(sha256, path)
            seen.append((path.exists(), sha256 in Journal(store.path).hashes()))

    (planned,) = plan_restore([entry], roots={"photos": watched}, to=tmp_path / "out")
    pool = StorePools(store, device="cpu", threads=1).of(entry)
    result = restore_entry(planned, store, pool, journal=Watching(store.path))
    assert seen == [(False, True)]
    assert Journal(store.path).knows(sha(result.target), result.target)


def test_a_journal_that_cannot_be_written_lets_no_file_appear(
    store: Store, watched: Path, tmp_path: Path
) -> None:
    entry = archive(store, watched, "notes.txt", EXACT)
    Journal(store.path).path.mkdir()
    with pytest.raises(IrrmError, match="make the store writable"):
        restored(entry, store, watched, tmp_path / "out")
    assert everything(tmp_path / "out") == set()


def test_a_cancelled_restoration_leaves_nothing(
    store: Store, watched: Path, tmp_path: Path
) -> None:
    entry = archive(store, watched, "drawing.png", LR)
    cancel = Cancel()
    cancel.cancel()
    (planned,) = plan_restore([entry], roots={"photos": watched}, to=tmp_path / "out")
    pool: RescalerPool = StorePools(store, device="cpu", threads=1).of(entry)
    with pytest.raises(Cancelled):
        restore_entry(planned, store, pool, cancel=cancel)
    assert everything(tmp_path / "out") == set()


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_plan_is_done_but_for_what_fails_and_again_does_what_is_missing(
    store: Store, watched: Path, tmp_path: Path, jobs: int
) -> None:
    out = tmp_path / "out"
    paths = ["notes.txt", "2019/photo.jpg", "scan.tif"]
    entries = [archive(store, watched, path, EXACT) for path in paths]
    stored = store.stored(entries[0].stored_path or b"")
    whole = stored.read_bytes()
    stored.write_bytes(b"damaged")
    plan = plan_restore(entries, roots={"photos": watched}, to=out)

    first = list(restore_all(plan, store, jobs=jobs, device="cpu", threads=1))
    (failed,) = [result for result in first if isinstance(result, Failed)]
    assert failed.planned.entry.path == b"notes.txt"
    assert everything(out) == {"2019", "2019/photo.jpg", "scan.tif"}

    stored.write_bytes(whole)
    (out / "scan.tif").unlink()
    second = list(restore_all(plan, store, jobs=jobs, device="cpu", threads=1))
    assert sorted(str(result.outcome) for result in second if isinstance(result, Restored)) == [
        "restored",
        "restored",
        "there",
    ]
    for path in paths:
        assert sha(out / path) == sha(watched / path)


def test_several_processes_restore_what_one_does(
    store: Store, watched: Path, tmp_path: Path
) -> None:
    entries = [archive(store, watched, path, LR) for path in ("drawing.png", "2019/photo.jpg")]
    for jobs in (1, 2):
        plan = plan_restore(entries, roots={"photos": watched}, to=tmp_path / str(jobs))
        done = list(restore_all(plan, store, jobs=jobs, device="cpu", threads=1))
        assert all(isinstance(result, Restored) for result in done)
    names = everything(tmp_path / "1")
    assert names == everything(tmp_path / "2")
    for name in sorted(names - {"2019"}):
        one, _ = read_image(tmp_path / "1" / name)
        two, _ = read_image(tmp_path / "2" / name)
        assert np.array_equal(one, two)


def test_what_a_killed_restore_left_is_cleared_away(
    store: Store, watched: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    entry = archive(store, watched, "notes.txt", EXACT)
    left = out / ".notes.txt.0123456789ab.part"
    left.write_bytes(b"half")
    other = out / ".other.txt.0123456789ab.part"
    other.write_bytes(b"of another output")
    list(restore_all(plan_restore([entry], roots={"photos": watched}, to=out), store))
    assert everything(out) == {"notes.txt", other.name}


def test_an_output_that_is_being_written_is_no_leftover(tmp_path: Path) -> None:
    with atomic_output(tmp_path / "a.txt") as stream:
        remove_leftovers(tmp_path, {"a.txt"})
        stream.write(b"whole")
    assert everything(tmp_path) == {"a.txt"}
    assert (tmp_path / "a.txt").read_bytes() == b"whole"
