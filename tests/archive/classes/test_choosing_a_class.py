"""The smallest class that passes wins, and the record says why."""

from __future__ import annotations

import errno
import io
import json
import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from irrm_core.archive import RescalerPool, read_lr_file, restore_file
from irrm_core.archive.catalogue.states import StorageClass
from irrm_core.archive.classes import Kept, Rule, Stored, StoreWriteError, commit
from irrm_core.archive.exact import decode_exact
from irrm_core.archive.gate import Delivery, Floors, GateReport
from irrm_core.archive.store import Store, read_provenance
from irrm_core.errors import Cancelled, OutputExistsError
from irrm_core.imagefile import read_image, write_image
from irrm_core.metrics import psnr
from irrm_core.progress import Cancel

Pixels = Callable[..., NDArray[Any]]
Storing = Callable[..., Stored | Kept]
Left = Callable[[], list[str]]
NO_FLOORS = Floors(psnr=None, ssim=None)
LR, EXACT = StorageClass.lr, StorageClass.exact


@pytest.fixture
def noise(tmp_path: Path) -> Path:
    """A picture that no lossless codec makes smaller."""
    path = tmp_path / "noise.png"
    write_image(path, np.random.default_rng(1).integers(0, 256, (96, 96, 3), np.uint8))
    return path


@pytest.fixture
def flat(tmp_path: Path) -> Path:
    """A picture that zstd makes very small, larger as LR."""
    path = tmp_path / "flat.bmp"
    Image.new("RGB", (64, 64), (10, 20, 30)).save(path)
    return path


def test_an_lr_file_holds_its_measurements_and_restores_to_them(
    noise: Path,
    storing: Storing,
    store: Store,
    tmp_path: Path,
    left: Left,
) -> None:
    stored = storing(noise)
    assert isinstance(stored, Stored)
    assert stored.provenance.storage is LR
    assert left() == [str(stored.temporary.relative_to(store.path))]
    commit(stored)
    assert left() == ["files/pictures/noise.png.irrm.png"]
    assert read_provenance(stored.target) == stored.provenance
    measured = dict(stored.provenance.measured)
    assert measured["others"]["exact"]["size"] >= stored.size
    report = GateReport.from_json(measured)
    restored = restore_file(stored.target, tmp_path / "out.png", RescalerPool())
    assert restored.checked
    truth, given = read_image(noise)[0], read_image(restored.target)[0]
    for channel, found in enumerate(report.channels):
        assert found.psnr == pytest.approx(psnr(truth[..., channel], given[..., channel]), abs=1e-3)
    record = read_lr_file(stored.target).record
    assert (record.source_hash, record.source_size) == (
        stored.provenance.sha256,
        noise.stat().st_size,
    )


def test_the_store_alone_has_the_model_of_its_files(
    noise: Path, storing: Storing, store: Store
) -> None:
    stored = storing(noise)
    assert isinstance(stored, Stored)
    weights = stored.provenance.weights_hash
    assert weights
    assert [path.name for path in store.models.glob(f"*{weights[:12]}*/*")]


def test_what_fails_the_gate_is_stored_exactly_and_says_why(
    tmp_path: Path, pixels: Pixels, storing: Storing
) -> None:
    source = tmp_path / "a.bmp"
    write_image(source, pixels(80, 80, 3) & 0xF0)
    stored = storing(source, Rule(floors=Floors(psnr=99), minimum_saving=0))
    assert isinstance(stored, Stored)
    assert stored.provenance.storage is EXACT
    lost = stored.provenance.measured["others"]["lr"]
    assert "under the floor of 99 dB" in lost["lost"]
    assert lost["size"] < stored.size
    assert lost["psnr"] < 99
    assert "99 dB" in stored.reason
    commit(stored)
    back = io.BytesIO()
    decode_exact(stored.target, back)
    assert back.getvalue() == source.read_bytes()
    assert read_provenance(stored.target) == stored.provenance


def test_the_gate_is_not_asked_about_an_lr_file_that_is_not_smaller(
    flat: Path,
    storing: Storing,
    store: Store,
    left: Left,
) -> None:
    steps: list[str] = []
    stored = storing(flat, at=steps.append)
    assert isinstance(stored, Stored)
    assert stored.provenance.storage is EXACT
    assert steps == ["lr-written", "exact-written"]
    assert "of class exact" in stored.reason
    assert len(left()) == 1


def test_every_step_is_told(noise: Path, storing: Storing) -> None:
    steps: list[str] = []
    storing(noise, at=steps.append)
    assert steps == ["lr-written", "exact-written", "judged", "measured"]


def test_a_saving_below_the_minimum_keeps_the_file_with_numbers(
    noise: Path,
    storing: Storing,
    store: Store,
    left: Left,
) -> None:
    kept = storing(noise, Rule(floors=NO_FLOORS, classes=frozenset({EXACT})))
    assert isinstance(kept, Kept)
    assert str(noise.stat().st_size) in kept.reason
    kept = storing(noise, Rule(floors=NO_FLOORS, minimum_saving=0.95))
    assert isinstance(kept, Kept)
    assert "less than the 95% that the rule asks for" in kept.reason
    assert left() == []


@pytest.mark.parametrize(("allowed", "expected"), [(LR, LR), (EXACT, EXACT)])
def test_only_classes_that_the_rule_allows_are_used(
    tmp_path: Path, pixels: Pixels, storing: Storing, allowed: StorageClass, expected: StorageClass
) -> None:
    source = tmp_path / "a.bmp"
    write_image(source, pixels(64, 64, 3) & 0xF0)
    stored = storing(source, Rule(floors=NO_FLOORS, classes=frozenset({allowed})))
    assert isinstance(stored, Stored)
    assert stored.provenance.storage is expected
    assert "others" not in stored.provenance.measured
    assert isinstance(storing(source, Rule(classes=frozenset({StorageClass.kept}))), Kept)


def test_a_jpeg_larger_as_lr_is_transcoded_to_its_own_bytes(photo: Path, storing: Storing) -> None:
    stored = storing(photo, Rule(floors=NO_FLOORS, minimum_saving=0.0))
    assert isinstance(stored, Stored)
    measured = stored.provenance.measured
    assert (stored.provenance.storage, measured["form"]) == (EXACT, "jxl-jpeg")
    assert measured["others"]["lr"]["size"] > stored.size
    back = io.BytesIO()
    decode_exact(stored.temporary, back)
    assert back.getvalue() == photo.read_bytes()


def test_jpeg_is_delivered_only_where_it_was_judged(
    noise: Path, tmp_path: Path, pixels: Pixels, storing: Storing
) -> None:
    rule = Rule(floors=NO_FLOORS, delivery=Delivery("jpeg", 80), classes=frozenset({LR}))
    stored = storing(noise, rule)
    assert isinstance(stored, Stored)
    assert stored.provenance.measured["deliver"] == "jpeg:80"
    assert stored.provenance.measured["delivered_size"] > 0
    deep = tmp_path / "deep.tif"
    write_image(deep, pixels(64, 64, dtype="uint16"), compression=None)
    stored = storing(deep, rule)
    assert isinstance(stored, Stored)
    assert stored.provenance.measured["deliver"] == "lossless"


def test_any_other_file_is_stored_exactly(tmp_path: Path, storing: Storing) -> None:
    notes = tmp_path / "notes.csv"
    notes.write_text("time,value\n" * 500)
    stored = storing(notes)
    assert isinstance(stored, Stored)
    assert stored.provenance.measured["form"] == "zstd"
    kept = storing(notes, Rule(classes=frozenset({LR})))
    assert kept == Kept("lr: is not called like an image; exact: the rule does not allow it")


def test_names_need_not_be_text(noise: Path, storing: Storing, store: Store) -> None:
    name = b"caf\xe9\n/\xff.png"
    stored = storing(noise, name=name)
    assert isinstance(stored, Stored)
    commit(stored)
    assert read_provenance(stored.target).path == name
    assert list(store.walk()) == [stored.target]
    noise.write_bytes(noise.read_bytes()[:200])
    kept = storing(noise, name=name)
    assert isinstance(kept, Kept)
    kept.reason.encode()


def test_metadata_of_the_original_are_in_the_record(noise: Path, storing: Storing) -> None:
    noise.chmod(0o640)
    os.utime(noise, ns=(1, 1_234_567_890_123_456_789))
    try:
        os.setxattr(noise, "user.note", b"\x00\xff")
        expected = {"user.note": b"\x00\xff"}
    except OSError:
        expected = {}
    stored = storing(noise, archived_at=12.3456)
    assert isinstance(stored, Stored)
    found = read_provenance(stored.temporary)
    assert (found.mode, found.mtime_ns) == (0o640, 1_234_567_890_123_456_789)
    assert found.xattrs == expected
    assert found.archived_at == 12.346


def test_committing_twice_is_committing_once(
    noise: Path, storing: Storing, store: Store, left: Left
) -> None:
    stored = storing(noise)
    assert isinstance(stored, Stored)
    commit(stored)
    commit(stored)
    assert left() == ["files/pictures/noise.png.irrm.png"]
    again = storing(noise)
    assert isinstance(again, Stored)
    stored.target.write_bytes(b"another file")
    with pytest.raises(OutputExistsError):
        commit(again)
    assert stored.target.read_bytes() == b"another file"
    assert again.temporary.exists()


@pytest.mark.parametrize("step", ["lr-written", "exact-written", "judged", "measured"])
def test_whatever_ends_it_nothing_is_left_behind(
    noise: Path,
    storing: Storing,
    store: Store,
    step: str,
    left: Left,
) -> None:
    def at(reached: str) -> None:
        if reached == step:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        storing(noise, at=at)
    assert left() == []


def test_cancelling_is_heard(noise: Path, storing: Storing, store: Store, left: Left) -> None:
    cancel = Cancel()
    cancel.cancel()
    with pytest.raises(Cancelled):
        storing(noise, cancel=cancel)
    assert left() == []


@contextmanager
def files_end_at(size: int) -> Iterator[None]:
    """Let the system refuse longer files, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("allowed", [LR, EXACT])
def test_a_store_that_takes_no_more_is_no_fault_of_the_file(
    tmp_path: Path,
    pixels: Pixels,
    storing: Storing,
    store: Store,
    allowed: StorageClass,
    left: Left,
) -> None:
    source = tmp_path / "a.png"
    write_image(source, np.random.default_rng(2).integers(0, 256, (128, 128, 3), np.uint8))
    rule = Rule(floors=NO_FLOORS, classes=frozenset({allowed}))

    def run(limit: int) -> None:
        # The copy is made before the disk is full.
        from irrm_core.archive.classes import spool, store_file

        spooled = spool(source, store)
        pool = rule.pool()
        try:
            pool.for_colours(3)
            with files_end_at(limit):
                store_file(spooled.path, spooled.facts("r", b"a.png"), rule, store, pool)
        finally:
            spooled.remove()

    with pytest.raises(StoreWriteError) as caught:
        run(4096)
    assert caught.value.errno == errno.EFBIG
    assert str(store.path) in str(caught.value)
    assert left() == []


def test_the_record_is_compact(noise: Path, storing: Storing) -> None:
    stored = storing(noise)
    assert isinstance(stored, Stored)
    assert len(json.dumps(stored.provenance.to_fields())) < 1200


def test_stacks_and_16_bits_are_stored_like_photographs(
    tmp_path: Path, pixels: Pixels, storing: Storing
) -> None:
    stack = pixels(64, 64, dtype="uint16")[None].repeat(4, axis=0)
    stack += np.random.default_rng(0).integers(0, 300, stack.shape, np.uint16)
    write_image(tmp_path / "a.tif", stack, axes="ZYX")
    stored = storing(tmp_path / "a.tif")
    assert isinstance(stored, Stored)
    assert stored.provenance.storage is LR
    assert stored.provenance.measured["planes"] == 4


def test_real_photographs_pass_at_the_default_floors_or_say_what_they_miss(
    shared: Path, storing: Storing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()  # the models that come with the package
    found = {}
    for name in ("kodim02", "kodim13"):
        picture = shared / "data" / "bench" / "Kodak" / f"{name}.png"
        found[name] = storing(picture, Rule(classes=frozenset({LR})))
    good, hard = found["kodim02"], found["kodim13"]
    assert isinstance(good, Stored)
    assert good.provenance.measured["psnr"] >= 36
    assert isinstance(hard, Kept)
    assert "under the floor of 36 dB" in hard.reason
