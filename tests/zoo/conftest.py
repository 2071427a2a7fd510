"""A folder of models of one's own, and small networks to put into it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from irrm_core import zoo
from irrm_core.networks import build
from irrm_core.zoo import registry

SMALL = {"scale": 2, "blocks": [1], "width": 4, "channels": 1}

Save = Callable[..., zoo.ModelCard]


@pytest.fixture(autouse=True)
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's folder of models, empty, and nothing bundled or registered."""
    folder = tmp_path / "models"
    monkeypatch.setenv("IRRM_MODEL_DIR", str(folder))
    monkeypatch.delenv("IRRM_OFFLINE", raising=False)
    monkeypatch.delenv("IRRM_MODEL_SOURCE", raising=False)
    monkeypatch.setattr(registry, "_BUNDLED", tmp_path / "bundled")
    monkeypatch.setattr(registry, "_registered", [])
    return folder


@pytest.fixture
def save(models: Path) -> Save:
    """Save a small network with weights of its own for each seed."""

    def make(name: str = "tiny", seed: int = 0, **fields: Any) -> zoo.ModelCard:
        torch.manual_seed(seed)
        network = build("irrm", SMALL)
        for parameter in network.parameters():
            if parameter.requires_grad:
                torch.nn.init.normal_(parameter, std=0.05)
        given: dict[str, Any] = {
            "latent": zoo.LatentPolicy("zero"),
            "halo": zoo.Halo(8, 8),
            "architecture": "irrm",
            "parameters": SMALL,
        }
        folder = fields.pop("folder", models)
        return zoo.save_model(folder, network, name=name, **(given | fields))

    return make
