"""The samples that the plugin brings."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest
from napari.components import ViewerModel

import napari_irrm.files.sample_data as samples
from irrm_core.imagefile import read_image

FOLDER = Path(samples.__file__).parent / "samples"
ROOT = Path(__file__).resolve().parents[3]

pytestmark = pytest.mark.usefixtures("plugins")


def test_the_photograph_opens_as_rgb(viewer_model: ViewerModel) -> None:
    (layer,) = viewer_model.open_sample("napari-irrm", "photograph")
    assert layer.rgb and layer.data.shape == (400, 600, 3)
    assert layer.metadata["licence"] == "CC0"


def test_the_stack_opens_calibrated_and_is_called_simulated(viewer_model: ViewerModel) -> None:
    (layer,) = viewer_model.open_sample("napari-irrm", "stack")
    assert layer.data.shape == (8, 256, 256) and layer.data.dtype == np.uint16
    assert "simulated" in layer.name
    np.testing.assert_allclose(layer.scale, (30, 0.2, 0.2))
    assert [str(unit) for unit in layer.units] == ["second", "micrometer", "micrometer"]
    assert layer.axis_labels == ("t", "y", "x")


def test_the_stack_is_what_the_repository_simulates() -> None:
    stored, _ = read_image(FOLDER / "simulated_cells.ome.tif")
    made = runpy.run_path(str(ROOT / "recipes" / "sample_stack.py"))["simulated"]()
    # The same random numbers; a library of mathematics may round the last photon otherwise.
    assert (stored != made).mean() < 1e-3


def test_the_photograph_is_the_one_of_the_examples() -> None:
    root = Path(__file__).resolve().parents[3]
    assert (FOLDER / "coffee.png").read_bytes() == (
        root / "examples/photos/coffee.png"
    ).read_bytes()


def test_each_sample_is_small_and_its_licence_stated() -> None:
    said = (FOLDER / "LICENCES.md").read_text(encoding="utf-8")
    for path in FOLDER.iterdir():
        if path.suffix != ".md":
            assert path.name in said
            assert path.stat().st_size < 1_000_000
