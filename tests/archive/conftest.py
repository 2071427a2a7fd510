"""The default models are small ones, and nothing else is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from irrm_core.archive import RescalerPool


@pytest.fixture(autouse=True)
def models(default_models: Path) -> Path:
    return default_models


@pytest.fixture
def pool() -> RescalerPool:
    return RescalerPool(device="cpu", precision="fp32")
