"""What all tests share: where the data beside the repository are, when they are there."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The shared data folder; tests that need it skip without it."""
    if not (SHARED / "data").is_dir():
        pytest.skip("needs the shared data beside the repository")
    return SHARED
