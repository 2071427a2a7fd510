"""The ``irrm models`` verbs, as a person and as a script use them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from irrm_core import zoo
from irrm_core.cli import main
from irrm_core.errors import ModelFileError, ModelNotFoundError, SomeFilesFailedError, UsageError
from irrm_core.networks import build
from irrm_core.zoo import registry

SMALL: dict[str, Any] = {"scale": 2, "blocks": [1], "growth": 4, "channels": 3}

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "models"
    monkeypatch.setenv("IRRM_MODEL_DIR", str(folder))
    monkeypatch.delenv("IRRM_MODEL_SOURCE", raising=False)
    monkeypatch.setattr(registry, "_BUNDLED", tmp_path / "bundled")
    monkeypatch.setattr(registry, "_registered", [])
    return folder


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def irrm(*arguments: object) -> tuple[int, str, str]:
        code = main([str(argument) for argument in ("models", *arguments)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return irrm


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    path = tmp_path / "irn.pth"
    torch.save(build("irn", SMALL).state_dict(), path)
    return path


def test_an_imported_checkpoint_is_listed_shown_verified_and_found(
    run: Run, checkpoint: Path, models: Path
) -> None:
    code, out, _ = run("import", checkpoint, "--name", "irn-x2", "--latent", "zero")
    assert code == 0
    assert "irn-x2@1" in out

    code, out, _ = run("list", "--json")
    (listed,) = json.loads(out)
    assert code == 0
    assert (listed["id"], listed["latent"]["kind"]) == ("irn-x2@1", "zero")

    code, out, _ = run("show", "irn-x2", "--json")
    shown = json.loads(out)
    assert code == 0
    assert shown["weights_hash"] == listed["weights_hash"]
    assert shown["parameter_count"] == sum(
        tensor.numel() for tensor in build("irn", SMALL).state_dict().values()
    )

    code, out, _ = run("verify", "--json")
    assert code == 0
    assert [(report["id"], report["ok"]) for report in json.loads(out)] == [("irn-x2@1", True)]

    code, out, _ = run("where", "irn-x2", "--json")
    assert (code, json.loads(out)) == (0, [str(models / "irn-x2@1")])


def test_the_same_verbs_speak_to_people(run: Run, checkpoint: Path, models: Path) -> None:
    run("import", checkpoint, "--name", "irn-x2", "--std", "1")

    assert "irn-x2@1" in run("list")[1]
    shown = run("show", "irn-x2")[1]
    assert "gaussian" in shown
    assert "multiply adds per pixel" in shown
    assert run("verify")[1] == "irn-x2@1: ok\n"
    assert run("where", "irn-x2")[1] == f"{models / 'irn-x2@1'}\n"
    assert str(models) in run("where")[1]


def test_a_std_may_be_given_with_the_latent(run: Run, checkpoint: Path) -> None:
    run("import", checkpoint, "--name", "irn-x2", "--latent", "gaussian", "--std", "0.5")

    assert zoo.find_card("irn-x2").latent == zoo.LatentPolicy("gaussian", 0.5)


def test_the_halo_may_be_measured_on_pictures_of_ones_own(
    run: Run, checkpoint: Path, tmp_path: Path
) -> None:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    noise = np.random.default_rng(0).integers(0, 256, (140, 130, 3), dtype=np.uint8)
    Image.fromarray(noise).save(pictures / "noise.png")
    (pictures / "notes.txt").write_text("no picture")

    code, _, _ = run("import", checkpoint, "--name", "irn-x2", "--halo-images", pictures)

    assert code == 0
    assert zoo.find_card("irn-x2").halo.restore >= 4


def test_a_folder_without_pictures_measures_nothing(
    run: Run, checkpoint: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()

    code, _, err = run(
        "import", checkpoint, "--name", "irn-x2", "--halo-images", tmp_path / "empty"
    )

    assert code == UsageError.exit_code
    assert "no picture" in err


@pytest.mark.parametrize("name", ["../evil", "deadbeef", "a@x"])
def test_a_name_that_is_none_is_a_usage_error(run: Run, checkpoint: Path, name: str) -> None:
    code, _, err = run("import", checkpoint, "--name", name)

    assert code == UsageError.exit_code
    assert err.startswith("irrm: ")
    assert err.count("\n") == 1


def test_a_file_that_is_no_checkpoint_ends_in_one_line(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "not.pth"
    path.write_bytes(b"no checkpoint")

    code, out, err = run("import", path, "--name", "nothing")

    assert (code, out) == (ModelFileError.exit_code, "")
    assert "not.pth" in err
    assert err.count("\n") == 1


def test_a_damaged_model_is_reported_and_leaves_the_others_usable(
    run: Run, checkpoint: Path, models: Path
) -> None:
    run("import", checkpoint, "--name", "good")
    run("import", checkpoint, "--name", "torn")
    run("import", checkpoint, "--name", "swapped")
    (models / "torn@1" / "card.json").write_text("{")
    weights = models / "swapped@1" / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])

    code, out, err = run("list", "--json")
    assert code == 0
    assert {card["id"] for card in json.loads(out)} == {"good@1", "swapped@1"}
    assert "torn@1" in err

    code, out, err = run("verify", "--json")
    assert code == ModelFileError.exit_code
    assert {report["id"]: report["ok"] for report in json.loads(out)} == {
        "good@1": True,
        "swapped@1": False,
        "torn@1": False,
    }
    assert "2 of 3" in err

    assert run("verify", "good")[0] == 0
    assert run("show", "torn")[0] == ModelFileError.exit_code


def test_an_unknown_model_is_told_with_what_to_do(run: Run) -> None:
    code, _, err = run("show", "nonsense")

    assert code == ModelNotFoundError.exit_code
    assert "irrm models fetch" in err


def test_a_model_is_fetched_from_a_folder(
    run: Run, checkpoint: Path, models: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run("import", checkpoint, "--name", "irn-x2")
    card = zoo.find_card("irn-x2")
    monkeypatch.setenv("IRRM_MODEL_DIR", str(tmp_path / "other"))

    assert run("fetch", "irn-x2", "--from", models, "--hash", "0" * 64)[0] != 0
    code, out, _ = run("fetch", "irn-x2", "--from", models, "--hash", card.weights_hash)

    assert code == 0
    assert str(tmp_path / "other" / "irn-x2@1") in out
    assert zoo.find_card("irn-x2") == card


def test_fetching_without_a_source_is_a_usage_error(run: Run) -> None:
    code, _, err = run("fetch", "irn-x2@1")

    assert code == UsageError.exit_code
    assert "--from" in err


@pytest.fixture
def mirror(run: Run, checkpoint: Path, models: Path, tmp_path: Path) -> Path:
    """A folder of two models as a web server would serve it."""
    run("import", checkpoint, "--name", "irn-x2", "--latent", "zero")
    run("import", checkpoint, "--name", "noisy-x2")
    code, out, _ = run("index", models)
    assert code == 0
    assert "index.json" in out
    return models.rename(tmp_path / "mirror")


@pytest.mark.parametrize("kind", ["folder", "address"])
def test_what_a_source_has_is_listed_and_all_of_it_fetched(
    run: Run, mirror: Path, models: Path, kind: str
) -> None:
    source = mirror if kind == "folder" else mirror.as_uri()
    code, out, _ = run("list", "--from", source, "--json")
    assert code == 0
    assert [(m["id"], m["here"]) for m in json.loads(out)] == [
        ("irn-x2@1", False),
        ("noisy-x2@1", False),
    ]
    assert run("fetch", "irn-x2", "--from", source)[0] == 0
    # The same weights under two ids: what counts is whether LR files can be restored.
    assert {m["here"] for m in json.loads(run("list", "--from", source, "--json")[1])} == {True}
    assert "yes" in run("list", "--from", source)[1]
    code, out, err = run("fetch", "--all", "--from", source)
    assert (code, out) == (0, "")
    assert "everything that the source has is here" in err
    run("remove", "irn-x2@1")
    code, out, _ = run("fetch", "--all", "--from", source)
    assert code == 0
    assert {"irn-x2@1", "noisy-x2@1"} == {c["id"] for c in json.loads(run("list", "--json")[1])}


def test_of_several_models_one_that_fails_does_not_stop_the_others(
    run: Run, mirror: Path, models: Path
) -> None:
    code, _, err = run("fetch", "nothing", "irn-x2", "--from", mirror)
    assert code == SomeFilesFailedError.exit_code
    assert "no model 'nothing'" in err
    assert "1 of 2" in err
    assert (models / "irn-x2@1").is_dir()


def test_a_model_is_added_and_removed(run: Run, mirror: Path, models: Path) -> None:
    code, out, _ = run("add", mirror / "irn-x2@1")
    assert (code, out) == (0, f"irn-x2@1 is in {models / 'irn-x2@1'}\n")
    assert run("remove", "irn-x2")[0] == UsageError.exit_code
    assert run("remove", "irn-x2@1")[0] == 0
    assert run("remove", "irn-x2@1")[0] == ModelNotFoundError.exit_code
    assert json.loads(run("list", "--json")[1]) == []


def test_which_models_to_fetch_must_be_said(run: Run, mirror: Path) -> None:
    for arguments in ((), ("irn-x2", "--all")):
        code, _, err = run("fetch", *arguments, "--from", mirror)
        assert code == UsageError.exit_code
        assert "which models?" in err


def test_an_index_is_of_models_that_lie_under_their_ids(run: Run, mirror: Path) -> None:
    (mirror / "irn-x2@1").rename(mirror / "elsewhere")
    code, _, err = run("index", mirror)
    assert code == ModelFileError.exit_code
    assert "elsewhere" in err


def test_sizes_prints_parameters_and_multiply_adds_of_each(run: Run) -> None:
    code, out, _ = run("sizes", "--json")

    rows = {(r["network"], r["scale"], r["channels"]): r for r in json.loads(out)}
    assert code == 0
    assert rows["irn", 8, 3]["parameters"] == 11_120_256
    assert rows["firn", 4, 3]["parameters"] == 320_880
    for channels in (1, 3):
        for scale in (2, 4, 8):
            assert rows["irrm fast", scale, channels]["multiply_adds_per_pixel"] <= 85_000
            for size in "SML":
                assert rows[f"irrm {size}", scale, channels]["parameters"] > 0
