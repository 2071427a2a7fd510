"""Files measured in every form."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from irrm_core.archive import RescalerPool, downscale_file, restore_file
from irrm_core.archive.assess import Assessment, ModelField, Terms, assess, assess_file, select
from irrm_core.archive.classes import Rule
from irrm_core.archive.gate import Floors
from irrm_core.errors import Cancelled, ModelNotFoundError, UsageError
from irrm_core.imagefile import write_image
from irrm_core.progress import Cancel, NoProgress

Pixels = Callable[..., NDArray[Any]]
NO_FLOORS = Floors(psnr=None, ssim=None)


@pytest.fixture
def terms() -> Terms:
    return Terms(ModelField(device="cpu", precision="fp32"))


@pytest.fixture
def one(tmp_path: Path, pixels: Pixels) -> Callable[..., Path]:
    """Write an image file of any shape and dtype."""

    def write(*shape: int, dtype: str = "uint8", axes: str | None = None) -> Path:
        path = tmp_path / ("one.png" if dtype == "uint8" and axes is None else "one.tif")
        write_image(path, pixels(*shape, dtype=dtype), axes=axes)
        return path

    return write


def test_a_photograph_is_tried_at_every_scale_beside_every_codec(photo: Path, terms: Terms) -> None:
    found = assess_file(photo, terms)
    assert [trial.scale for trial in found.trials] == [2, 4]
    for trial in found.trials:
        assert [match.codec for match in trial.at_psnr] == ["JPEG", "WebP", "AVIF", "JPEG XL"]
        for match in trial.at_psnr:
            if match.quality is not None:
                assert match.quality.psnr >= trial.quality.psnr - 0.01
    assert found.metadata_size > 400  # EXIF and a colour profile


def test_lr_bytes_and_psnr_are_those_of_the_file_that_downscale_writes(
    photo: Path, terms: Terms, tmp_path: Path, pool: RescalerPool
) -> None:
    trial = assess_file(photo, terms).trials[0]
    made = downscale_file(
        photo, tmp_path / "made.png", pool.for_model("irrm-fast-x2"), overwrite=True
    )
    assert trial.size == made.target_size
    assert trial.record_size == made.record_size + made.side_size
    assert trial.quality.psnr == pytest.approx(made.record.quality["psnr"], abs=1e-3)


@pytest.mark.parametrize(
    ("shape", "dtype", "axes"),
    [
        ((40, 50), "uint8", None),
        ((40, 50), "uint16", None),
        ((3, 40, 50), "uint16", "CYX"),
        ((40, 50, 3), "uint16", "YXS"),
        ((40, 50), "float32", "YX"),
    ],
)
def test_pictures_of_every_kind_have_the_quality_of_their_record(
    shape: tuple[int, ...],
    dtype: str,
    axes: str | None,
    one: Callable[..., Path],
    terms: Terms,
    tmp_path: Path,
    pool: RescalerPool,
) -> None:
    path = one(*shape, dtype=dtype, axes=axes)
    found = assess_file(path, terms)
    made = downscale_file(path, tmp_path / "lr.tif", pool.for_model(found.trials[0].model))
    trial = found.trials[0]
    assert trial.quality.psnr == pytest.approx(made.record.quality["psnr"], abs=0.01)
    deep = dtype != "uint8"
    assert (trial.match("JPEG").problem == "holds 8 bits only") is deep
    assert trial.match("AVIF").problem is None or "at most" in str(trial.match("AVIF").problem)


def test_gray_pictures_are_tried_on_gray_models_alone(
    one: Callable[..., Path], terms: Terms
) -> None:
    assert [trial.model for trial in assess_file(one(40, 50), terms).trials] == [
        "irrm-fast-gray-x2@1"
    ]


def test_models_are_chosen_by_name_and_scale(photo: Path) -> None:
    assert [t.scale for t in assess_file(photo, Terms(ModelField(scales=[4]))).trials] == [4]
    assert [t.scale for t in assess_file(photo, Terms(ModelField(["irrm-fast-x2"]))).trials] == [2]
    assert [t.scale for t in assess_file(photo, Terms(ModelField(["all"]))).trials] == [2, 4]
    with pytest.raises(ModelNotFoundError):
        ModelField(["no-such-model"])
    with pytest.raises(UsageError, match="scale"):
        ModelField(["irrm-fast-x2"], [4])
    with pytest.raises(UsageError, match="colour"):
        assess_file(photo, Terms(ModelField(["irrm-fast-gray-x2"])))


def test_the_smallest_class_that_passes_is_chosen(photo: Path, terms: Terms) -> None:
    strict = assess_file(photo, terms)
    assert all(trial.failures for trial in strict.trials)
    assert strict.choice.storage == "exact"
    assert strict.choice.size == min(f.size for f in strict.forms[:2] if f.size is not None)
    loose = assess_file(photo, replace(terms, rule=Rule(floors=NO_FLOORS)))
    assert loose.choice.storage == "lr"
    assert loose.choice.size == min(trial.size for trial in loose.trials)
    greedy = assess_file(photo, replace(terms, rule=Rule(minimum_saving=0.9)))
    assert greedy.choice.storage == "kept"
    assert greedy.choice.size == photo.stat().st_size
    assert "too small a saving" in greedy.choice.reason


@pytest.fixture
def mixed(photo: Path, pixels: Pixels, pool: RescalerPool, tmp_path: Path) -> Path:
    """A folder with a photograph, a stack, an LR file, a restoration and a damaged file."""
    folder = tmp_path / "mixed"
    folder.mkdir()
    photo.rename(folder / "photo.jpg")
    write_image(folder / "stack.tif", pixels(3, 30, 40, dtype="uint16"), axes="ZYX")
    made = downscale_file(folder / "photo.jpg", None, pool.for_model("irrm-fast-x2"))
    restore_file(made.target, None, pool)
    (folder / "cut.jpg").write_bytes((folder / "photo.jpg").read_bytes()[:900])
    (folder / "empty.png").touch()
    (folder / "lie.png").write_bytes(b"no picture at all")
    return folder


@pytest.fixture
def measured(mixed: Path, terms: Terms) -> Assessment:
    return assess(select([mixed]), terms)


def test_one_bad_file_stops_no_other(measured: Assessment) -> None:
    assert [file.path.name for file in measured.files] == ["photo.jpg", "stack.tif"]
    assert {left.path.name for left in measured.left if left.damaged} == {
        "cut.jpg",
        "empty.png",
        "lie.png",
    }


def test_our_own_files_are_left_out_with_the_reason(measured: Assessment) -> None:
    reasons = {left.path.name: left.reason for left in measured.left if not left.damaged}
    assert "an LR file already" in reasons["photo.jpg.irrm.png"]
    assert "a restoration" in reasons["photo.jpg.restored.png"]


def test_files_of_too_many_pixels_are_left_out(mixed: Path, terms: Terms) -> None:
    found = assess(select([mixed / "stack.tif"]), terms, max_pixels=3 * 30 * 40 - 1)
    assert not found.files
    assert "megapixels" in found.left[0].reason
    assert not found.left[0].damaged


def test_nothing_is_left_behind_even_when_it_is_cancelled(
    mixed: Path, terms: Terms, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = tmp_path / "temporary"
    room.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(room))
    before = sorted(mixed.rglob("*"))
    cancel = Cancel()

    class Impatient(NoProgress):
        def begin(self, what: str, total: int) -> None:
            if what.startswith("codecs"):
                assert any(room.iterdir())
                cancel.cancel()

    with pytest.raises(Cancelled):
        assess(select([mixed]), terms, progress=Impatient(), cancel=cancel)
    assert not any(room.iterdir())
    assert sorted(mixed.rglob("*")) == before


def test_pictures_are_cut_from_files_spread_over_the_selection(
    tmp_path: Path, pixels: Pixels, terms: Terms
) -> None:
    for number in range(4):
        write_image(tmp_path / f"{number}.png", np.roll(pixels(30, 40), number, axis=0))
    found = assess(select([tmp_path]), terms, pictures=2)
    assert [bool(file.crops) for file in found.files] == [True, False, True, False]
    assert found.files[0].trials[0].at_size is not None
    assert found.files[1].trials[0].at_size is None


def test_each_file_is_judged_on_its_own_terms(mixed: Path, terms: Terms) -> None:
    loose = replace(terms, rule=Rule(floors=NO_FLOORS))
    found = assess(
        select([mixed / "photo.jpg", mixed / "stack.tif"]),
        lambda path: loose if path.suffix == ".jpg" else terms,
    )
    assert [file.choice.storage for file in found.files] == ["lr", "kept"]
    assert found.rule is None
    assert assess(select([mixed / "photo.jpg"]), terms).rule == terms.rule


def test_raw_files_and_what_phones_append_are_not_made_small(photo: Path, terms: Terms) -> None:
    with photo.open("ab") as stream:
        stream.write(b"a short video" * 100)
    found = assess_file(photo, replace(terms, rule=Rule(floors=NO_FLOORS)))
    assert found.choice.storage != "lr"
    assert "behind its picture" in found.trials[0].failures[0]
    raw = photo.with_suffix(".dng")
    photo.rename(raw)
    with pytest.raises(UsageError, match="leaves it alone"):
        assess_file(raw, terms)
