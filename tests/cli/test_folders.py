"""Folders of files: trees are kept, one bad file stops nothing, running again does the rest."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from numpy.typing import NDArray
from PIL import Image

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def models(default_models: Path) -> Path:
    return default_models


@pytest.fixture
def tree(tmp_path: Path, pixels: Callable[..., NDArray[Any]]) -> Path:
    """Two photographs in two folders, a text, a hidden file and a damaged picture."""
    folder = tmp_path / "photos"
    (folder / "2019" / "sea").mkdir(parents=True)
    (folder / ".trash").mkdir()
    picture = Image.fromarray(pixels(24, 32, 3))
    for name in ("a.jpg", "2019/sea/b.png", ".trash/old.jpg", ".hidden.png"):
        picture.save(folder / name)
    (folder / "notes.txt").write_text("no image")
    (folder / "2019" / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\n and then nothing")
    return folder


def files(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_the_tree_is_kept_and_a_bad_file_does_not_stop_the_others(
    tree: Path, tmp_path: Path, irrm: Run
) -> None:
    out = tmp_path / "small"
    code, table, err = irrm("downscale", tree, out)
    assert code == 20
    assert files(out) == ["2019/sea/b.png.irrm.png", "a.jpg.irrm.png"]
    assert table.count(" dB") == 2
    lines = err.splitlines()
    assert len(lines) == 2
    assert "bad.png" in lines[0]
    assert "1 of 3 files failed" in lines[1]

    back = tmp_path / "back"
    code, _, err = irrm("restore", out, back)
    assert (code, err) == (0, "")
    assert files(back) == ["2019/sea/b.png.restored.png", "a.jpg.restored.png"]


def test_json_accounts_for_every_image(tree: Path, tmp_path: Path, irrm: Run) -> None:
    code, out, _ = irrm("downscale", tree, tmp_path / "small", "--json")
    document = json.loads(out)
    assert code == 20
    assert [Path(entry["source"]).name for entry in document["files"]] == ["a.jpg", "b.png"]
    (failure,) = document["failed"]
    assert Path(failure["source"]).name == "bad.png"
    assert failure["exit_code"] == 3
    assert "bad.png" in failure["error"]


def test_running_again_skips_what_is_there_and_says_so(
    tree: Path, tmp_path: Path, irrm: Run
) -> None:
    (tree / "2019" / "bad.png").unlink()
    out = tmp_path / "small"
    assert irrm("downscale", tree, out)[0] == 0
    (out / "a.jpg.irrm.png").unlink()
    code, text, err = irrm("downscale", tree, out, "--json")
    document = json.loads(text)
    assert code == 0
    assert [Path(entry["source"]).name for entry in document["files"]] == ["a.jpg"]
    assert [Path(entry["source"]).name for entry in document["skipped"]] == ["b.png"]
    assert err.count("skipped") == 1
    assert irrm("downscale", tree, out, "--overwrite")[2] == ""


def test_outputs_beside_their_sources_are_not_taken_for_sources(tree: Path, irrm: Run) -> None:
    (tree / "2019" / "bad.png").unlink()
    before = files(tree)
    assert irrm("downscale", tree)[0] == 0
    assert irrm("restore", tree)[0] == 0
    after = files(tree)
    assert set(after) - set(before) == {
        "a.jpg.irrm.png",
        "a.jpg.restored.png",
        "2019/sea/b.png.irrm.png",
        "2019/sea/b.png.restored.png",
    }
    code, _, err = irrm("downscale", tree, "--json")
    assert code == 0
    assert files(tree) == after
    assert err.count("is an LR file already") == 2
    assert err.count("is a restoration, not an original") == 2


def test_an_output_folder_within_the_input_is_not_searched(tree: Path, irrm: Run) -> None:
    (tree / "2019" / "bad.png").unlink()
    for _ in range(2):
        assert irrm("downscale", tree, tree / "small")[0] == 0
    assert files(tree / "small") == ["2019/sea/b.png.irrm.png", "a.jpg.irrm.png"]


def test_an_lr_file_that_lost_its_record_is_a_failure_and_not_passed_over(
    tree: Path, tmp_path: Path, irrm: Run
) -> None:
    Image.open(tree / "a.jpg").save(tree / "c.jpg.irrm.png")
    code, out, err = irrm("restore", tree, tmp_path / "back", "--json")
    assert code == 20
    assert "dropped the record" in err
    assert json.loads(out)["failed"][0]["exit_code"] == 11


def test_a_folder_without_images_is_an_error(tmp_path: Path, irrm: Run) -> None:
    (tmp_path / "empty").mkdir()
    code, _, err = irrm("downscale", tmp_path / "empty")
    assert code == 2
    assert "empty" in err


def test_a_file_in_the_place_of_the_output_folder_is_refused(
    tree: Path, tmp_path: Path, irrm: Run
) -> None:
    (tmp_path / "out").write_text("in the way")
    assert irrm("downscale", tree, tmp_path / "out")[0] == 2
    assert (tmp_path / "out").read_text() == "in the way"


@pytest.mark.parametrize(
    ("option", "value", "code"), [("--model", "nothing", 7), ("--device", "abacus", 2)]
)
@pytest.mark.parametrize("verb", ["downscale", "restore"])
def test_what_would_fail_on_every_file_fails_once(
    verb: str, option: str, value: str, code: int, tree: Path, irrm: Run
) -> None:
    found, _, err = irrm(verb, tree, option, value)
    assert found == code
    assert err.count("\n") == 1
    assert value in err


def test_a_missing_default_model_ends_the_run_at_the_first_file(
    tree: Path, irrm: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("IRRM_MODEL_DIR", str(tmp_path / "none"))
    code, out, err = irrm("downscale", tree)
    assert (code, out) == (7, "")
    assert err.count("\n") == 1


def test_an_output_folder_that_cannot_be_made_is_named(
    tree: Path, tmp_path: Path, irrm: Run
) -> None:
    (tmp_path / "file").write_bytes(b"no folder")
    code, _, err = irrm("downscale", tree, tmp_path / "file" / "small")
    assert code == 20
    assert "file/small: the output folder cannot be made (Not a directory); choose another" in err
