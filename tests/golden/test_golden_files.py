"""LR files of every release restore to what they restored to then."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from irrm_core.archive import RescalerPool, has_lr_name, inspect_file, restore_file
from irrm_core.imagefile import read_image
from irrm_core.zoo import registry

GOLDEN = Path(__file__).parent
RELEASED = GOLDEN.parents[1] / "models"
LR_FILES = sorted(path for path in GOLDEN.rglob("*.irrm.*") if has_lr_name(path.name))


@pytest.fixture(autouse=True)
def models(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let only released models be found, bundled or not, and the small ones that lie here."""
    monkeypatch.setenv("IRRM_MODEL_DIR", str(tmp_path / "none"))
    monkeypatch.setattr(registry, "_registered", [GOLDEN / "models", RELEASED])


def test_there_are_golden_files_of_each_kind() -> None:
    assert {path.suffix for path in LR_FILES} >= {".png", ".tif", ".webp"}


@pytest.mark.parametrize("lr", LR_FILES, ids=lambda path: str(path.relative_to(GOLDEN)))
def test_a_golden_lr_file_restores_to_its_reference(lr: Path, tmp_path: Path) -> None:
    report = inspect_file(lr)
    assert (report.kind, report.pixels_match, report.model_here) == ("lr", True, True)
    (reference,) = lr.parent.glob(f"{lr.name.split('.irrm.')[0]}.restored.*")
    pool = RescalerPool(device="cpu", precision="fp32")
    made = restore_file(lr, tmp_path / f"back{reference.suffix}", pool)
    assert made.checked
    expected, restored = read_image(reference)[0], read_image(made.target)[0]
    assert (restored.shape, restored.dtype) == (expected.shape, expected.dtype)
    difference = np.abs(restored.astype(np.float64) - expected)
    if expected.dtype == np.uint8:
        # Machines may differ in the last bit before rounding.
        assert difference.max() <= 1
        assert (difference > 0).mean() < 0.005
    else:
        span = expected.astype(np.float64).max() - expected.min()
        assert difference.max() <= 1e-4 * span
