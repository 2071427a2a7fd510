"""The examples run as they stand, here with a small untrained model in place of the bundled one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from irrm_core.networks import build
from irrm_core.zoo import Halo, LatentPolicy, save_model

ROOT = Path(__file__).resolve().parents[1]
PARAMETERS = {"scale": 4, "blocks": [1, 1], "channels": 3, "width": 4}


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    models = tmp_path / "models"
    save_model(
        models,
        build("irrm", PARAMETERS),
        name="irrm-fast-x4@999",
        architecture="irrm",
        parameters=PARAMETERS,
        latent=LatentPolicy("zero"),
        halo=Halo(8, 8),
    )
    here = {"IRRM_MODEL_DIR": str(models), "PYTHONPATH": str(ROOT / "src")}
    return os.environ | here


def run(script: str, *arguments: str, environment: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, f"examples/{script}", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_five_lines_run(environment: dict[str, str]) -> None:
    shown = run("five_lines.py", environment=environment)
    assert "(400, 600, 3) -> (100, 150, 3)" in shown


def test_the_demo_draws_and_tabulates_every_photograph(
    environment: dict[str, str], tmp_path: Path
) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (103, 130, 3), dtype=np.uint8)
    photo = tmp_path / "noise.png"
    Image.fromarray(noise).save(photo)
    out = tmp_path / "out"
    shown = run("demo.py", "--out", str(out), str(photo), environment=environment)
    assert "irrm-fast-x4@999" in shown
    assert f"{photo.stat().st_size:,}" in shown
    small = out / "noise.png.irrm.png"
    assert f"{small.stat().st_size:,}" in shown
    assert Image.open(small).size == (33, 26)
    assert Image.open(out / "noise-restored.png").size == (130, 103)
    assert Image.open(out / "noise-side-by-side.png").width > 3 * 130


@pytest.mark.slow
def test_fine_tuning_ends_with_a_model_that_is_measured_and_used(tmp_path: Path) -> None:
    out = tmp_path / "out"
    shown = run(
        "finetune.py", "--out", str(out), "--steps", "2", "--stacks", "1",
        environment=os.environ | {"PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip
    assert "cells-x2@1 after 2 steps" in shown
    assert shown.count("cells-1002.ome.tif") == 4
    assert (out / "models" / "cells-x2@1" / "card.json").is_file()
    assert (out / "small.tif").is_file()
