from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from irrm_core.imagefile import read_image, write_image
from irrm_core.zoo import find_model, load_model, registry

RECIPE = """
precision = "fp32"
[model]
name = "tiny"
architecture = "irrm"
parameters = {{ scale = 2, blocks = [1], channels = 3, width = 4 }}
[data]
patch = 16
batch = 2
[optimiser]
steps = {steps}
"""

Run = Callable[..., tuple[int, str, str]]
Pixels = Callable[..., NDArray[Any]]


@pytest.fixture(autouse=True)
def mine(model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's own folder of models; the small default models are found beside it."""
    folder = tmp_path / "mine"
    monkeypatch.setenv("IRRM_MODEL_DIR", str(folder))
    monkeypatch.setattr(registry, "_registered", [model_folder])
    monkeypatch.setattr(registry, "_BUNDLED", tmp_path / "none")
    return folder


@pytest.fixture
def job(tmp_path: Path) -> list[str]:
    """The arguments of a short training."""
    photographs = tmp_path / "photographs"
    photographs.mkdir()
    for seed in range(2):
        noise = np.random.default_rng(seed).integers(0, 256, (40, 40, 3), dtype=np.uint8)
        Image.fromarray(noise).save(photographs / f"noise{seed}.png")
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(RECIPE.format(steps=2))
    return [
        "train", str(recipe), "--data", str(photographs), "--out", str(tmp_path / "run")
    ]  # fmt: skip


def test_training_ends_with_a_model_that_its_name_finds(
    job: list[str], tmp_path: Path, irrm: Run
) -> None:
    code, out, _ = irrm(*job, "--json")
    assert code == 0
    told = json.loads(out)
    assert told["folder"] == str(tmp_path / "run" / "models" / "tiny@1")
    assert told["installed"] == str(tmp_path / "mine" / "tiny@1")
    assert load_model("tiny", device="cpu").card.weights_hash == told["weights_hash"]
    assert told["metrics"]["psnr_y"] > 0
    assert "tiny@1" in irrm("models", "list")[1]


def test_a_run_is_resumed_only_when_asked(job: list[str], irrm: Run) -> None:
    assert irrm(*job)[0] == 0
    code, _, said = irrm(*job)
    assert code == 5
    assert "resume" in said
    # The run knows its recipe; a finished one is registered again, or goes on if it is to.
    assert "tiny@1 after 2 steps" in irrm("train", *job[2:], "--resume")[1]
    assert "tiny@2 after 4 steps" in irrm("train", *job[2:], "--resume", "--steps", 4)[1]


def test_a_run_that_is_not_installed_stays_in_its_folder(
    job: list[str], mine: Path, irrm: Run
) -> None:
    assert irrm(*job, "--no-install")[0] == 0
    assert not mine.exists()
    assert irrm("train", *job[2:], "--resume")[0] == 0
    assert (mine / "tiny@1").is_dir()


def test_the_name_of_a_released_model_is_not_taken(job: list[str], mine: Path, irrm: Run) -> None:
    code, out, said = irrm(*job, "--name", "irrm-fast-x2")
    assert code == 0
    assert "irrm-fast-x2@2" in out
    assert "released" in said
    assert not mine.exists()


def test_a_wrong_recipe_ends_in_one_line(job: list[str], irrm: Run) -> None:
    Path(job[1]).write_text(RECIPE.format(steps='"many"'))
    code, _, said = irrm(*job)
    assert code == 2
    (line,) = said.strip().splitlines()
    assert job[1] in line
    assert "optimiser.steps" in line


def test_an_interrupted_run_says_how_it_is_resumed(
    job: list[str], tmp_path: Path, irrm: Run
) -> None:
    Path(job[1]).write_text(RECIPE.format(steps=1_000_000) + "[validation]\nevery = 5\n")
    run = subprocess.Popen(
        [sys.executable, "-m", "irrm_core.cli", *job],
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2] / "src",
    )
    try:
        for _ in range(600):
            if (tmp_path / "run" / "log.jsonl").exists() or run.poll() is not None:
                break
            time.sleep(0.1)
        run.send_signal(signal.SIGINT)
        _, errors = run.communicate(timeout=60)
    finally:
        run.kill()
    assert run.returncode == 130, errors
    last = errors.strip().splitlines()[-1]
    assert "can be resumed" in last
    step = json.loads((tmp_path / "run" / "run.json").read_text())["step"]
    assert step >= 5
    command = last[last.index("irrm train") :].split()[1:]
    assert irrm(*command, "--steps", step + 1)[0] == 0


def own_pictures(folder: Path, kind: str, pixels: Pixels) -> Path:
    """Save what people have; return one of the files."""
    folder.mkdir()
    for number in range(3):
        path = folder / f"{number}.tif"
        match kind:
            case "photographs":
                path = path.with_suffix(".jpg")
                Image.fromarray(pixels(48, 56, 3)).save(path, quality=95)
            case "gray":
                path = path.with_suffix(".png")
                Image.fromarray(pixels(48, 56)).save(path)
            case "16 bit":
                write_image(path, pixels(48, 56, dtype="uint16") // 16 + 100)
            case "stack":
                planes = [pixels(48, 56, dtype="uint16") // k for k in (1, 3, 9, 20)]
                stack = np.stack(planes).reshape(2, 2, 48, 56)
                write_image(path, stack, axes="ZCYX", format="ome-tiff")
            case "float":
                write_image(path, pixels(48, 56).astype(np.float32) * 0.01 - 1)
    return path


@pytest.mark.parametrize("kind", ["photographs", "gray", "16 bit", "stack", "float"])
def test_a_model_is_fine_tuned_on_what_people_have_and_used(
    kind: str, tmp_path: Path, pixels: Pixels, irrm: Run
) -> None:
    base = "irrm-fast-x2" if kind == "photographs" else "irrm-fast-gray-x2"
    file = own_pictures(tmp_path / "own", kind, pixels)
    code, out, said = irrm(
        "train", "--from", base, "--data", tmp_path / "own", "--out", tmp_path / "run",
        "--name", "own-x2", "--steps", 2,
    )  # fmt: skip
    assert code == 0, said
    assert "own-x2@1 after 2 steps" in out
    assert "held out to measure with: 1 picture, 2." in said
    assert "dB before" in said
    card = find_model("own-x2").card
    assert f"{base}@1" in card.training_data
    assert card.training["recipe"]["model"]["base"] == f"{base}@1"
    assert irrm("downscale", file, tmp_path / "small.tif", "--model", "own-x2")[0] == 0
    assert irrm("info", tmp_path / "small.tif")[1].count("own-x2@1")
    assert irrm("restore", tmp_path / "small.tif", tmp_path / "back.tif")[0] == 0
    (image, _), (back, _) = read_image(file), read_image(tmp_path / "back.tif")
    assert (back.dtype, back.shape) == (image.dtype, image.shape)
    assert np.ptp(back) > 0


@pytest.mark.parametrize("given", ["id", "name", "hash", "folder", "file", "copy", "run"])
def test_a_base_is_found_however_it_is_named(
    given: str, tmp_path: Path, pixels: Pixels, irrm: Run
) -> None:
    own_pictures(tmp_path / "own", "16 bit", pixels)
    found = find_model("irrm-fast-gray-x2")
    copy = tmp_path / "copy.safetensors"
    copy.write_bytes(found.weights.read_bytes())
    named: dict[str, object] = {
        "id": found.card.id,
        "name": found.card.name,
        "hash": found.card.weights_hash[:12],
        "folder": found.folder,
        "file": found.weights,
        "copy": copy,
        "run": tmp_path / "first",
    }
    words = ("--data", tmp_path / "own", "--steps", 1, "--json")
    if given == "run":
        first = ("train", "--from", found.card.id, "--out", tmp_path / "first", *words)
        assert irrm(*first)[0] == 0
    code, out, said = irrm("train", "--from", named[given], "--out", tmp_path / "run", *words)
    assert code == 0, said
    told = json.loads(out)
    recipe = json.loads((tmp_path / "run" / "run.json").read_text())["recipe"]
    if given == "run":
        assert told["base"].startswith("irrm-fast-gray-x2-tuned of")
        assert told["model"] == "irrm-fast-gray-x2-tuned-tuned@1"
    else:
        assert told["base"] == found.card.id
        assert told["model"] == "irrm-fast-gray-x2-tuned@1"
        assert recipe["model"]["base_weights"] == found.card.weights_hash
    assert "derived from" in find_model(told["model"]).card.licence


def test_what_cannot_be_fine_tuned_is_refused_with_a_remedy(
    job: list[str], tmp_path: Path, pixels: Pixels, irrm: Run
) -> None:
    own_pictures(tmp_path / "own", "16 bit", pixels)
    own = ("--data", tmp_path / "own", "--out", tmp_path / "run")
    code, _, said = irrm("train", *own)
    assert (code, "--from" in said) == (2, True)
    code, _, said = irrm("train", "--from", "irrm-fast-x2", *own)
    assert code == 2
    assert "irrm-fast-gray-x2@1" in said
    code, _, said = irrm(*job, "--from", "irrm-fast-gray-x2")
    assert code == 2
    assert "start from a model that fits" in said
    code, _, said = irrm(*job, "--validation", job[3])
    assert (code, "noise0.png" in said) == (2, True)
    assert irrm("train", "--from", "nothing-x2", *own)[0] == 7
    assert irrm("train", "--from", "irrm-fast-gray-x2", *own, "--name", "A B")[0] == 2
    assert irrm("train", "--resume", *own)[0] == 2
    assert not (tmp_path / "run").exists()


def test_unreadable_files_are_named_before_anything_is_trained(
    job: list[str], tmp_path: Path, irrm: Run
) -> None:
    for name in ("a.png", "b.tif"):
        (tmp_path / "photographs" / name).write_bytes(b"II*\0 and then nothing")
    Image.new("RGB", (9, 9)).save(tmp_path / "photographs" / "small.png")
    Image.new("RGB", (99, 99)).save(tmp_path / "photographs" / "noise0.png.irrm.png")
    code, _, said = irrm(*job)
    assert code == 3
    assert "a.png" in said
    assert "b.tif" in said
    assert not (tmp_path / "run").exists()
    code, _, said = irrm(*job, "--skip-unreadable")
    assert code == 0
    assert "left out: " in said
    assert "small.png" in said
    assert "noise0.png.irrm.png" in said


def test_a_single_picture_is_trained_on_and_nothing_is_measured(
    job: list[str], tmp_path: Path, irrm: Run
) -> None:
    (tmp_path / "photographs" / "noise1.png").unlink()
    code, out, said = irrm(*job)
    assert (code, "tiny@1 after 2 steps" in out) == (0, True)
    assert "nothing is measured" in said
    assert "--validation" in said
