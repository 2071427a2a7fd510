from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from irrm_core.cli import main
from irrm_core.zoo import load_model

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


@pytest.fixture
def job(tmp_path: Path) -> list[str]:
    """The arguments of a short training."""
    photographs = tmp_path / "photographs"
    photographs.mkdir()
    noise = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    Image.fromarray(noise).save(photographs / "noise.png")
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(RECIPE.format(steps=2))
    return [
        "train", str(recipe), "--data", str(photographs), "--out", str(tmp_path / "run")
    ]  # fmt: skip


def test_training_ends_with_a_model(
    job: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*job, "--validation", job[3], "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    model = load_model(Path(told["folder"]), device="cpu")
    assert told["folder"] == str(tmp_path / "run" / "models" / "tiny@1")
    assert model.card.weights_hash == told["weights_hash"]
    assert told["metrics"]["psnr_y"] > 0


def test_a_run_is_resumed_only_when_asked(
    job: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(job) == 0
    assert main(job) == 5
    assert "resume" in capsys.readouterr().err
    Path(job[1]).write_text(RECIPE.format(steps=4))
    assert main([*job, "--resume"]) == 0
    assert "tiny@2 after 4 steps" in capsys.readouterr().out


def test_a_wrong_recipe_ends_in_one_line(
    job: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path(job[1]).write_text(RECIPE.format(steps='"many"'))
    assert main(job) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    assert job[1] in lines[0]
    assert "optimiser.steps" in lines[0]


def test_an_interrupted_run_can_be_resumed(job: list[str], tmp_path: Path) -> None:
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
    assert "can be resumed" in errors.strip().splitlines()[-1]
    step = json.loads((tmp_path / "run" / "run.json").read_text())["step"]
    assert step >= 5
    Path(job[1]).write_text(RECIPE.format(steps=step + 1))
    assert main([*job, "--resume"]) == 0
