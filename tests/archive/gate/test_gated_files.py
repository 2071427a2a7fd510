"""LR files that are only kept where they pass, for folders without a store."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from irrm_core.archive import RescalerPool, read_lr_file, restore_file
from irrm_core.archive.classes import Rule
from irrm_core.archive.gate import Floors
from irrm_core.archive.gated import GatedFile, downscale_gated
from irrm_core.errors import Cancelled, OutputExistsError
from irrm_core.imagefile import read_image, write_image
from irrm_core.metrics import psnr
from irrm_core.progress import Cancel

Pixels = Callable[..., NDArray[Any]]
LENIENT = Rule(floors=Floors(psnr=0, ssim=None), minimum_saving=0)


@pytest.fixture
def picture(tmp_path: Path, pixels: Pixels) -> Path:
    (tmp_path / "pictures").mkdir()
    path = tmp_path / "pictures" / "a.png"
    write_image(path, pixels(60, 80, 3))
    return path


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def gated(source: Path, out: Path, rule: Rule = LENIENT, **options: Any) -> GatedFile:
    return downscale_gated(source, out, rule, rule.pool(device="cpu"), **options)


def test_an_lr_file_that_passes_restores_to_what_was_measured(picture: Path, out: Path) -> None:
    before = picture.read_bytes()
    done = gated(picture, out)
    assert done.passed and done.target == out / "a.png.irrm.png"
    assert [path.name for path in out.iterdir()] == ["a.png.irrm.png"]
    assert done.lr_size == done.target.stat().st_size
    assert (picture.read_bytes(), done.size) == (before, len(before))
    record = read_lr_file(done.target).record
    assert record.digest and record.source_size == len(before)
    restored = restore_file(done.target, out / "back.png", RescalerPool(device="cpu"))
    measured = psnr(read_image(picture)[0], read_image(restored.target)[0])
    assert record.quality["psnr"] == pytest.approx(measured, abs=0.01)
    assert done.report.psnr <= measured + 0.01


def test_one_that_misses_a_floor_or_saves_too_little_is_not_written(
    picture: Path, out: Path
) -> None:
    missed = gated(picture, out, Rule(floors=Floors(psnr=90), minimum_saving=0))
    assert "under the floor of 90 dB" in missed.reason
    large = gated(picture, out, Rule(minimum_saving=0.999))
    assert "less than the 100% that" in large.reason and large.report is None
    assert missed.lr_size and missed.target is None and not [*out.iterdir()]


def test_a_trial_leaves_nothing_and_tells_the_same(picture: Path, out: Path) -> None:
    tried = gated(picture, out, keep=False)
    assert tried.passed and tried.target is None and not [*out.iterdir()]
    assert tried.lr_size == gated(picture, out).lr_size


def test_what_is_no_image_to_downscale_is_left_alone_with_the_reason(
    tmp_path: Path, out: Path, picture: Path
) -> None:
    lr = gated(picture, out).target or out
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    write_image(tmp_path / "tiny.png", np.zeros((4, 4), np.uint8))
    (tmp_path / "notes.txt").write_text("notes")
    reasons = {
        name: gated(tmp_path / name, out).reason
        for name in ("empty.png", "broken.png", "tiny.png", "notes.txt", "missing.png")
    }
    assert gated(lr, out).reason == "is an LR file already"
    assert reasons["empty.png"] == "is empty"
    assert "too small to be judged" in reasons["tiny.png"]
    assert "not called like an image" in reasons["notes.txt"]
    assert reasons["broken.png"] and "cannot be read" in reasons["missing.png"]
    assert [path.name for path in out.iterdir()] == ["a.png.irrm.png"]


def test_a_file_that_stands_there_is_kept(picture: Path, out: Path) -> None:
    (out / "a.png.irrm.png").write_bytes(b"mine")
    with pytest.raises(OutputExistsError):
        gated(picture, out)
    assert [path.read_bytes() for path in out.iterdir()] == [b"mine"]


def test_a_cancelled_one_leaves_nothing(picture: Path, out: Path) -> None:
    class InTheGate(Cancel):
        asked = 0

        def check(self) -> None:
            self.asked += 1
            if self.asked == 2:
                self.cancel()
            super().check()

    with pytest.raises(Cancelled):
        gated(picture, out, cancel=InTheGate())
    assert not [*out.iterdir()]
