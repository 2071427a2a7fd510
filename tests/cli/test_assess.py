"""``irrm assess`` as a person or a script runs it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from numpy.typing import NDArray

from irrm_core.imagefile import write_image

from .conftest import Run


@pytest.fixture
def folder(
    default_models: Path, tmp_path: Path, photo: Path, pixels: Callable[..., NDArray[Any]]
) -> Path:
    """A photograph and a 16-bit gray picture."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    photo.rename(folder / "photo.jpg")
    write_image(folder / "cells.tif", pixels(40, 50, dtype="uint16"))
    return folder


def test_a_folder_is_answered_in_a_table_and_sentences(irrm: Run, folder: Path) -> None:
    before = {path: path.read_bytes() for path in folder.iterdir()}
    code, out, _ = irrm("assess", folder)
    assert code == 0
    assert "photo.jpg" in out and "cells.tif" in out
    assert "AVIF takes" in out and "LR storage" in out
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_json_holds_every_file_and_the_sum(irrm: Run, folder: Path) -> None:
    code, out, _ = irrm("assess", folder, "--json", "--scale", 2)
    assert code == 0
    found = json.loads(out)
    assert [Path(file["path"]).name for file in found["files"]] == ["cells.tif", "photo.jpg"]
    assert all(len(file["lr"]) == 1 for file in found["files"])
    assert found["totals"]["bytes"] == sum(file["bytes"] for file in found["files"])
    assert found["floors"] == {"psnr": 36.0, "ssim": 0.95, "max_error": None, "bias": None}


def test_a_page_is_written_once_and_never_over_another(irrm: Run, folder: Path) -> None:
    target = folder.parent / "page.html"
    assert irrm("assess", folder / "photo.jpg", "--html", target, "--scale", 4)[0] == 0
    written = target.read_text(encoding="utf-8")
    assert "<!DOCTYPE html>" in written and "data:image/webp" in written
    code, _, err = irrm("assess", folder, "--html", target)
    assert code == 5 and "--overwrite" not in written
    assert str(target) in err
    assert target.read_text(encoding="utf-8") == written
    code, _, _ = irrm(
        "assess", folder / "cells.tif", "--html", target, "--pictures", 0, "--overwrite"
    )
    assert code == 0
    assert "data:image/webp" not in target.read_text(encoding="utf-8")


def test_a_damaged_file_is_listed_and_the_others_are_assessed(irrm: Run, folder: Path) -> None:
    (folder / "bad.jpg").write_bytes(b"\xff\xd8\xff but no more")
    code, out, err = irrm("assess", folder, "--json", "--scale", 4)
    assert code == 20
    found = json.loads(out)
    assert len(found["files"]) == 2
    assert [Path(each["path"]).name for each in found["failed"]] == ["bad.jpg"]
    assert "bad.jpg" in err


def test_a_sample_is_said_to_be_one(irrm: Run, folder: Path) -> None:
    code, out, _ = irrm("assess", folder, "--sample", 1)
    assert code == 0
    assert "This is a sample: 1 of 2 images" in out


def test_large_files_are_left_out(irrm: Run, folder: Path) -> None:
    code, out, err = irrm("assess", folder, "--json", "--max-megapixels", 0.003)
    assert code == 0
    assert [Path(file["path"]).name for file in json.loads(out)["files"]] == ["cells.tif"]
    assert "skipped" in err and "photo.jpg" in err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--model", "no-such-model"], 7),
        (["--scale", 3], 2),
        (["--limit", 1, "--sample", 1], 2),
        (["--device", "abacus"], 2),
    ],
)
def test_what_cannot_be_meant_is_refused_at_once(
    irrm: Run, folder: Path, words: list[object], code: int
) -> None:
    assert irrm("assess", folder, *words)[0] == code
