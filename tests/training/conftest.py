"""Photographs small enough to train on within a second."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image


@pytest.fixture(scope="session")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Smooth colours with edges and some grain: enough like photographs to learn from."""
    folder = tmp_path_factory.mktemp("photographs")
    y, x = np.mgrid[:64, :80]
    for seed in range(3):
        rng = np.random.default_rng(seed)
        waves = [np.sin(x * rng.uniform(0.2, 1.2) + y * rng.uniform(-1.2, 1.2)) for _ in range(3)]
        picture = 128 + 60 * np.stack(waves, axis=2)
        picture[20:32, 20:40] = rng.uniform(0, 255, 3)
        picture += rng.normal(0, 1, picture.shape)
        Image.fromarray(picture.clip(0, 255).astype(np.uint8)).save(folder / f"{seed}.png")
    return folder
