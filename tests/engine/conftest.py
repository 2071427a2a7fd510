"""Small networks with some weight everywhere, in a folder of models of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from irrm_core import zoo
from irrm_core.engine import Rescaler
from irrm_core.networks import build
from irrm_core.zoo import registry
from irrm_core.zoo.halo import receptive_halo

NETWORKS: dict[str, tuple[str, dict[str, Any]]] = {
    "rgb-x4": ("irrm", {"scale": 4, "blocks": [1, 1], "width": 8}),
    "rgb-x2": ("irrm", {"scale": 2, "blocks": [1], "width": 8, "deeper_blocks": 1}),
    "gray-x2": ("irrm", {"scale": 2, "blocks": [1], "width": 8, "channels": 1}),
    "fresh-x2": ("irrm", {"scale": 2, "blocks": [1], "width": 4, "channels": 1}),
    "noise-x2": ("irn", {"scale": 2, "blocks": [1], "growth": 4}),
}


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models that are untrained but not fresh."""
    models = tmp_path_factory.mktemp("models")
    for seed, (name, (architecture, parameters)) in enumerate(NETWORKS.items()):
        torch.manual_seed(seed)
        network = build(architecture, parameters)
        for parameter in network.parameters():
            if not name.startswith("fresh") and not parameter.any():
                torch.nn.init.normal_(parameter, std=0.02)
        gaussian = zoo.LatentPolicy("gaussian", 0.02)
        reach = receptive_halo(network.requires_grad_(False))
        zoo.save_model(
            models,
            network,
            name=name,
            architecture=architecture,
            parameters=parameters,
            latent=gaussian if name.startswith("noise") else zoo.LatentPolicy("zero"),
            halo=zoo.Halo(reach, reach),
        )
    return models


@pytest.fixture(autouse=True)
def models(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let these models be found, and no others."""
    monkeypatch.setenv("IRRM_MODEL_DIR", str(folder))
    monkeypatch.setattr(registry, "_BUNDLED", tmp_path / "bundled")
    monkeypatch.setattr(registry, "_registered", [])


@pytest.fixture
def rescaler() -> Callable[..., Rescaler]:
    """Make a rescaler that computes in fp32 on the CPU."""

    def make(model: Any = "rgb-x4", **options: Any) -> Rescaler:
        return Rescaler(model, **({"device": "cpu", "precision": "fp32"} | options))

    return make


@pytest.fixture
def picture() -> Callable[..., NDArray[Any]]:
    """Make an image with smooth areas, edges and texture, of any shape and dtype."""

    def make(*shape: int, dtype: str = "uint8", low: float = 0, high: float = 255) -> NDArray[Any]:
        random = np.random.default_rng(5)
        height, width = shape[0], shape[1]
        y, x = np.mgrid[:height, :width].astype(float)
        plane = 0.5 + 0.25 * np.sin(x / 9) * np.cos(y / 13) + 0.2 * ((x // 7 + y // 11) % 2)
        image = (
            np.stack([np.roll(plane, 3 * c) for c in range(shape[2])], -1) if shape[2:] else plane
        )
        image = (image + 0.02 * random.standard_normal(shape)).clip(0, 1) * (high - low) + low
        return (image.round() if np.dtype(dtype).kind in "iu" else image).astype(dtype)

    return make
