"""The table of artefacts: means, the worst picture's name, and what was left out."""

from __future__ import annotations

import importlib
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from irrm_core import write_image
from irrm_core.metrics.artefacts import artefacts
from irrm_core.networks import build
from irrm_core.zoo import Halo, LatentPolicy, save_model

ROOT = Path(__file__).resolve().parents[1]
PARAMETERS = {"scale": 2, "blocks": [1], "channels": 3, "width": 4}


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The command's module, which is not installed."""
    monkeypatch.syspath_prepend(ROOT)
    return importlib.import_module("benchmarks.artefacts")


def test_a_row_gives_means_and_names_the_worst(table: ModuleType) -> None:
    picture = np.full((32, 32, 3), 90, np.uint8)
    clean = artefacts(picture, picture)
    found = [("first.png", clean), ("second.png", replace(clean, dots=3, clipped=0.5))]
    cells = table.row("net@1", "folder", "restored", found).strip("| ").split(" | ")
    assert cells[:4] == ["net@1", "folder", "restored", "1.50; 3.0 second"]
    assert cells[8] == "25.00; 50.0 second"
    assert cells[4] == "0"


def test_every_picture_of_a_folder_is_counted_or_named(
    table: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    save_model(
        tmp_path / "models",
        build("irrm", PARAMETERS),
        name="net@1",
        architecture="irrm",
        parameters=PARAMETERS,
        latent=LatentPolicy("zero"),
        halo=Halo(8, 8),
    )
    folder = tmp_path / "pictures"
    folder.mkdir()
    random = np.random.default_rng(0)
    write_image(folder / "colour.png", random.integers(0, 256, (41, 40, 3), dtype=np.uint8))
    write_image(folder / "gray.png", random.integers(0, 256, (40, 40), dtype=np.uint8))
    write_image(folder / "deep.tif", random.integers(0, 4000, (40, 40), dtype=np.uint16))
    model = str(tmp_path / "models" / "net@1")
    monkeypatch.setattr("sys.argv", ["artefacts", str(folder), "--model", model])
    table.main()
    shown = capsys.readouterr().out
    assert all(f"| pictures | {what} |" in shown for what in ("restored", "bicubic", "lr"))
    assert shown.count("| net@1 |") == 3
    assert "Left out: deep.tif" in shown
    assert "gray" not in shown.split("Left out")[1]
