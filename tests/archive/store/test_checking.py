"""A check finds everything that is wrong with a store, and nothing else."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from irrm_core.archive.catalogue import Entry, State
from irrm_core.archive.store import Problem, Store, check_store, sampled
from irrm_core.errors import Cancelled
from irrm_core.progress import Cancel

Archived = Callable[..., Entry]


def found(store: Store, entries: list[Entry], **options: object) -> list[tuple[str, bytes]]:
    findings = list(check_store(store, entries, device="cpu", **options))  # type: ignore[arg-type]
    assert all(os.fsencode(store.path) in os.fsencode(f.message) for f in findings)
    return [(str(finding.problem), finding.path) for finding in findings]


def stored(store: Store, entry: Entry) -> Path:
    return store.stored(entry.stored_path or b"")


def flip(path: Path, at: int = -40) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


@pytest.fixture
def entries(archived: Archived, picture: Path, photo: Path) -> list[Entry]:
    """One file of each kind."""
    return [
        archived(b"a/\xff.bmp", picture, "lr"),
        archived(b"a/b.bmp", picture, "exact"),
        archived(b"photo.jpg", photo, "exact"),
    ]


def test_nothing_is_found_in_a_whole_store(store: Store, entries: list[Entry]) -> None:
    store.spool.joinpath("copy").write_bytes(b"being worked on")
    assert found(store, entries, read_data=True) == []


def test_a_missing_and_a_damaged_file_are_found(store: Store, entries: list[Entry]) -> None:
    gone, flipped, cut = (stored(store, entry) for entry in entries)
    gone.unlink()
    flip(flipped)
    cut.write_bytes(cut.read_bytes()[:-1])
    assert found(store, entries, read_data=True) == [
        ("missing", entries[0].stored_path),
        ("damaged", entries[1].stored_path),
        ("damaged", entries[2].stored_path),
    ]


def test_a_file_without_a_row_and_a_stranger_are_found(store: Store, entries: list[Entry]) -> None:
    (store.files / "photos" / "notes.txt").write_text("mine")
    nonsense = store.files / "photos" / "x.irrm.zst"
    nonsense.write_bytes(b"nonsense")
    assert set(found(store, entries[1:])) == {
        ("unknown", entries[0].stored_path),
        ("unknown", store.relative(nonsense)),
        ("foreign", b"files/photos/notes.txt"),
    }


def test_a_file_that_was_renamed_is_told_by_its_record(store: Store, entries: list[Entry]) -> None:
    path = stored(store, entries[1])
    other = path.rename(path.with_name("other.bmp.irrm.zst"))
    assert found(store, entries) == [
        ("missing", entries[1].stored_path),
        ("misnamed", store.relative(other)),
    ]
    moved = replace(entries[1], stored_path=store.relative(other))
    assert found(store, [entries[0], moved, entries[2]]) == [("misnamed", store.relative(other))]


def test_a_record_that_cannot_be_read_or_says_otherwise_is_found(
    store: Store, entries: list[Entry]
) -> None:
    import hashlib

    path = stored(store, entries[1])
    flip(path, 30)
    content = path.read_bytes()
    damaged = replace(entries[1], stored_sha256=hashlib.sha256(content).hexdigest())
    other = replace(entries[2], sha256="00" * 32)
    assert found(store, [entries[0], damaged, other]) == [
        ("record", damaged.stored_path),
        ("record", other.stored_path),
    ]


def test_a_missing_and_a_damaged_copy_of_a_model_are_found(
    store: Store, entries: list[Entry]
) -> None:
    (copy,) = (folder for folder in store.models.iterdir() if folder.is_dir())
    flip(copy / "weights.safetensors", -3)
    assert found(store, entries) == [("model-damaged", store.relative(copy))]
    shutil.rmtree(copy)
    assert found(store, entries) == [("model-missing", store.relative(copy))]


def test_pixels_that_another_computation_changed_are_noticed(
    store: Store, entries: list[Entry], monkeypatch: pytest.MonkeyPatch
) -> None:
    from irrm_core.networks import RescalingNetwork

    assert found(store, entries, read_data=True) == []
    plain = RescalingNetwork.restore

    def other(self: RescalingNetwork, *args: object, **options: object) -> object:
        return plain(self, *args, **options) + 0.05  # type: ignore[arg-type]

    monkeypatch.setattr(RescalingNetwork, "restore", other)
    assert found(store, entries, read_data=True) == [("differs", entries[0].stored_path)]


def test_rows_that_are_not_archived_yet_are_left_in_peace(
    store: Store, entries: list[Entry]
) -> None:
    entries[0] = replace(entries[0], state=State.verified)
    assert found(store, entries) == []
    stored(store, entries[0]).unlink()
    assert found(store, entries) == []


def test_rows_are_asked_for_after_the_files_were_listed(
    store: Store, archived: Archived, picture: Path
) -> None:
    def rows() -> list[Entry]:
        return [archived(b"new.bmp", picture)]

    assert list(check_store(store, rows)) == []


def test_a_check_can_be_cancelled(store: Store, entries: list[Entry]) -> None:
    cancel = Cancel()
    cancel.cancel()
    with pytest.raises(Cancelled):
        list(check_store(store, entries, cancel=cancel))


def test_every_problem_has_a_test() -> None:
    told = Path(__file__).read_text()
    assert all(f'"{problem}"' in told for problem in Problem)


@given(count=st.integers(0, 200), share=st.floats(0, 1), seed=st.text(max_size=8), data=st.data())
def test_a_sample_is_chosen_by_its_seed_alone(
    count: int, share: float, seed: str, data: st.DataObject
) -> None:
    rows = [_row(number) for number in range(count)]
    chosen = sampled(rows, share, seed)
    assert len(chosen) >= count * share - 1e-6
    assert len(chosen) < count * share + 1
    assert sampled(data.draw(st.permutations(rows)), share, seed) == chosen


def test_other_days_choose_others() -> None:
    rows = [_row(number) for number in range(400)]
    days = [sampled(rows, 0.05, f"2026-11-{day:02}") for day in range(1, 31)]
    assert all(len(day) == 20 for day in days)
    assert len({entry.id for day in days for entry in day}) > 250


def _row(number: int) -> Entry:
    return Entry(
        id=number,
        root="photos",
        path=b"%d.jpg" % number,
        version=1,
        state=State.committed,
        size=1,
        mtime_ns=1,
        mode=0o644,
        seen_at=0.0,
        changed_at=0.0,
    )
