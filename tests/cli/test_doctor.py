from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

import irrm_core
from irrm_core.cli import main
from irrm_core.networks import build
from irrm_core.zoo import Halo, LatentPolicy, save_model

PARAMETERS = {"scale": 2, "blocks": [1], "channels": 1, "width": 4}


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IRRM_MODEL_DIR", str(tmp_path))
    save_model(
        tmp_path,
        build("irrm", PARAMETERS),
        name="tiny",
        architecture="irrm",
        parameters=PARAMETERS,
        latent=LatentPolicy("zero"),
        halo=Halo(4, 4),
    )
    return tmp_path


def test_doctor_tells_versions_device_models_and_space(
    models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["versions"]["torch"] == torch.__version__
    assert found["versions"]["napari-irrm"] in (irrm_core.__version__, None)
    assert found["device"]["reason"]
    assert found["folders"]["models"]["path"] == str(models)
    assert found["folders"]["models"]["free_bytes"] > 0
    assert {"id": "tiny@1", "folder": str(models / "tiny@1"), "error": None} in found["models"]


def test_doctor_speaks_to_people_too(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    shown = capsys.readouterr().out
    assert torch.__version__ in shown
    assert "tiny@1: whole" in shown


def test_doctor_finds_a_damaged_model(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    weights = models / "tiny@1" / "weights.safetensors"
    damaged = bytearray(weights.read_bytes())
    damaged[-1] ^= 1
    weights.write_bytes(damaged)
    assert main(["doctor"]) == 8
    assert "tiny@1: whole" not in (shown := capsys.readouterr().out)
    assert str(weights) in shown
