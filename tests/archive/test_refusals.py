"""The four reasons for which a file is not restored, and the mark on one that is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

from irrm_core.archive import (
    ReconstructionMark,
    RescalerPool,
    downscale_file,
    inspect_file,
    read_lr,
    read_lr_file,
    restore_file,
)
from irrm_core.archive.envelope import pack_side_data
from irrm_core.archive.lrfile import lr_envelope
from irrm_core.errors import (
    DigestMismatchError,
    IrrmError,
    ModelNotFoundError,
    NoRecordError,
    NotRestorableError,
    PixelsChangedError,
)
from irrm_core.imagefile import read_image, read_record, write_image

Pixels = Callable[..., NDArray[Any]]


@pytest.fixture
def lr(photo: Path, pool: RescalerPool) -> Path:
    return downscale_file(photo, None, pool).target


def refused(lr: Path, error: type[IrrmError], says: str, **options: Any) -> None:
    """Check the error, that it names the file, and that nothing is written."""
    before = sorted(lr.parent.iterdir())
    with pytest.raises(error, match=says) as caught:
        restore_file(lr, None, **{"device": "cpu", **options})
    assert str(lr) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert sorted(lr.parent.iterdir()) == before


def rewritten(lr: Path, **changes: Any) -> None:
    """Change fields of the record and leave the pixels as they are."""
    record = replace(read_lr_file(lr).record, **changes)
    pixels = read_image(lr)[0]
    write_image(lr, pixels, record=lr_envelope(record).to_bytes(), overwrite=True)


def test_a_file_without_a_record_asks_for_the_model_to_assume(photo: Path) -> None:
    refused(photo, NoRecordError, "--assume MODEL")


def test_an_lr_file_that_lost_its_record_says_how_that_happens(lr: Path) -> None:
    Image.open(lr).save(lr)
    refused(lr, NoRecordError, "dropped the record")


def test_an_edited_picture_is_refused(lr: Path) -> None:
    pixels = read_image(lr)[0].copy()
    pixels[0, 0, 0] ^= 1
    write_image(lr, pixels, record=_blob(lr), overwrite=True)
    refused(lr, PixelsChangedError, "not those that were written")
    assert inspect_file(lr).pixels_match is False


def test_an_alpha_plane_that_a_program_dropped_is_reported_as_missing(
    tmp_path: Path, pixels: Pixels, pool: RescalerPool
) -> None:
    image = np.dstack([pixels(40, 30, 3), np.arange(1200).reshape(40, 30) % 251])
    Image.fromarray(image.astype(np.uint8)).save(tmp_path / "logo.png")
    lr = downscale_file(tmp_path / "logo.png", None, pool).target
    line = _blob(lr).partition(b"\n")[0]
    write_image(lr, read_image(lr)[0], record=line, overwrite=True)
    refused(lr, PixelsChangedError, r"\(alpha, outliers\) are missing")
    assert "missing" in str(inspect_file(lr).problem)


def test_a_cropped_picture_is_refused(lr: Path) -> None:
    write_image(lr, read_image(lr)[0][1:], record=_blob(lr), overwrite=True)
    refused(lr, PixelsChangedError, "shape")


def test_a_record_that_claims_a_huge_image_is_refused_before_memory_is_taken(lr: Path) -> None:
    rewritten(lr, hr_shape=(1 << 30, 1 << 30, 3))
    refused(lr, PixelsChangedError, "shape")


def test_side_data_are_not_unpacked_for_a_record_that_its_pixels_do_not_fit(lr: Path) -> None:
    side = pack_side_data({"alpha": np.zeros(1000, np.uint8)})
    record = replace(read_lr_file(lr).record, hr_shape=(1 << 30, 1 << 30, 3))
    blob = lr_envelope(record, side).to_bytes()
    write_image(lr, read_image(lr)[0], record=blob, overwrite=True)
    assert not read_lr(lr)[0].side_data


def test_a_record_of_another_scale_is_refused_before_room_is_taken(
    lr: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_: object) -> None:
        raise AssertionError("room was taken")

    monkeypatch.setattr("irrm_core.archive.restoring.room_for", no_room)
    height, width, colours = read_image(lr)[0].shape
    rewritten(lr, scale=64, hr_shape=(height * 64, width * 64, colours))
    refused(lr, PixelsChangedError, "names x64 and a model of x4")


@pytest.mark.parametrize("psnr", [10**400, float("nan"), float("inf"), True, "high"])
def test_a_mark_with_an_impossible_quality_has_none(psnr: Any) -> None:
    assert ReconstructionMark.from_fields({"psnr": psnr}).psnr is None


def test_a_missing_model_is_called_by_its_name(
    lr: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("IRRM_MODEL_DIR", str(tmp_path / "none"))
    refused(lr, ModelNotFoundError, "irrm-fast-x4@1, which is not on this machine")
    wanted = read_lr_file(lr).record.weights_hash
    refused(lr, ModelNotFoundError, f"`irrm models fetch {wanted}`")
    report = inspect_file(lr)
    assert report.model_here is False
    assert "not on this machine" in str(report.problem)


def test_another_model_than_the_recorded_one_is_refused(lr: Path, pool: RescalerPool) -> None:
    refused(lr, ModelNotFoundError, "irrm-fast-x2", rescaler=pool.for_model("irrm-fast-x2"))


def test_a_restoration_unlike_the_measured_one_is_refused(lr: Path) -> None:
    digest = bytearray(read_lr_file(lr).record.digest)
    digest[0] ^= 0x10
    rewritten(lr, digest=bytes(digest))
    refused(lr, DigestMismatchError, "precision")
    assert restore_file(lr, None, check=False, device="cpu").checked is False


def test_a_record_of_the_future_asks_for_an_update(lr: Path) -> None:
    blob = _blob(lr).replace(b'"v":1', b'"v":9')
    write_image(lr, read_image(lr)[0], record=blob, overwrite=True)
    refused(lr, NotRestorableError, "update napari-irrm")
    write_image(lr, read_image(lr)[0], record=b'{"irrm":"hologram"}', overwrite=True)
    refused(lr, NotRestorableError, "update napari-irrm")


def test_a_model_can_be_assumed_for_a_picture_without_a_record(
    lr: Path, pool: RescalerPool
) -> None:
    expected = restore_file(lr, lr.with_name("true.png"), pool).target
    Image.open(lr).save(lr.with_name("bare.png"))
    made = restore_file(lr.with_name("bare.png"), None, assume=pool.for_colours(3))
    assert made.mark.assumed
    assert not made.checked
    bare, true = (read_image(path)[0] for path in (made.target, expected))
    np.testing.assert_array_equal(bare[:50, :70], true)


def test_an_assumed_model_does_not_overrule_a_record(lr: Path, pool: RescalerPool) -> None:
    made = restore_file(lr, None, pool, assume=pool.for_model("irrm-fast-x2"))
    assert made.record.model == "irrm-fast-x4@1"
    assert not made.mark.assumed


@pytest.mark.parametrize("name", ["back.png", "back.tif", "back.webp", "back.jpg"])
def test_a_restoration_says_so_in_every_format(name: str, lr: Path, pool: RescalerPool) -> None:
    made = restore_file(lr, lr.with_name(name), pool)
    report = inspect_file(made.target)
    assert report.kind == "restored"
    assert report.mark == made.mark == ReconstructionMark.of(made.record, assumed=False)
    assert "not the original: irrm-fast-x4@1" in made.mark.sentence()
    assert f"{made.record.quality['psnr']:.2f} dB" in made.mark.sentence()


def test_other_programs_see_the_mark_too(lr: Path, pool: RescalerPool) -> None:
    made = restore_file(lr, None, pool)
    with Image.open(made.target) as picture:
        assert made.mark.sentence() in picture.info["Comment"]
    made = restore_file(lr, lr.with_name("back.tif"), pool)
    with tifffile.TiffFile(made.target) as tiff:
        assert made.mark.sentence() in tiff.pages.first.tags["Software"].value


def test_a_restoration_is_no_lr_file(lr: Path, pool: RescalerPool) -> None:
    refused(restore_file(lr, None, pool).target, NoRecordError, "restoration already")


def test_a_long_stack_is_restored_on_the_disk_and_leaves_nothing_there(
    tmp_path: Path, pixels: Pixels, pool: RescalerPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = np.stack([pixels(30, 26, dtype="uint16") // (n + 1) for n in range(5)])
    path = tmp_path / "series.tif"
    tifffile.imwrite(path, stack)
    lr = downscale_file(path, None, pool).target
    usual = restore_file(lr, tmp_path / "usual.tif", pool).target
    monkeypatch.setattr("irrm_core.archive.room.IN_MEMORY", 1000)
    mapped = restore_file(lr, tmp_path / "mapped.tif", pool).target
    assert usual.read_bytes() == mapped.read_bytes()
    names = {p.name for p in tmp_path.iterdir() if p.is_file()}
    assert names == {"series.tif", lr.name, "usual.tif", "mapped.tif"}


def _blob(path: Path) -> bytes:
    blob = read_record(path)
    assert blob is not None
    return blob
