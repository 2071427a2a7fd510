"""A finished run becomes a released model, and no released model ever changes."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from irrm_core import zoo
from irrm_core.networks import build
from irrm_core.training import read_recipe
from irrm_core.zoo import registry
from irrm_core.zoo.index import INDEX, index_of
from irrm_core.zoo.weights import read_weights

SCRIPT = Path(__file__).resolve().parents[1] / "recipes" / "publish.py"
RECIPE = """[model]
name = "tiny-x2"
architecture = "irrm"
parameters = { scale = 2, blocks = [1], channels = 3, width = 4 }
training_data = "waves"
licence = "Apache-2.0"
"""


@pytest.fixture
def publish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setenv("IRRM_MODEL_DIR", str(tmp_path / "own"))
    monkeypatch.setattr(registry, "_registered", [])
    specification = importlib.util.spec_from_file_location("publish", SCRIPT)
    assert specification
    assert specification.loader
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def _run(folder: Path, seed: int) -> list[str]:
    """Leave what a run leaves behind, and return the arguments to publish it."""
    folder.mkdir()
    (folder / "recipe.toml").write_text(RECIPE)
    recipe = read_recipe(folder / "recipe.toml")
    torch.manual_seed(seed)
    network = build(recipe.model.architecture, recipe.model.parameters)
    for parameter in network.parameters():
        if parameter.requires_grad:
            torch.nn.init.normal_(parameter, std=0.05)
    save_file(network.state_dict(), folder / "ema.safetensors")
    run = {"step": 7, "recipe": dataclasses.asdict(recipe)}
    (folder / "run.json").write_text(json.dumps(run))
    (folder / "log.jsonl").write_text('{"step": 7, "seconds": 1.5}\n')
    Image.new("RGB", (8, 8)).save(folder / "curve.png")
    y, x = np.mgrid[:96, :112]
    waves = 128 + 100 * np.sin(x / 3 + seed)[..., None] * np.cos(y / 5)[..., None]
    (folder / "Set2").mkdir()
    picture = np.repeat(waves, 3, axis=2).astype(np.uint8)
    Image.fromarray(picture).save(folder / "Set2" / "waves.png")
    arguments = [str(folder), str(folder / "recipe.toml"), "--commit", "abc1234"]
    return [*arguments, "--pictures", str(folder / "Set2"), "--bench", str(folder / "Set2")]


def test_a_run_is_published_and_the_next_one_is_the_next_version(
    publish: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models = tmp_path / "models"
    publish.main([*_run(tmp_path / "first", 1), "--into", str(models)])

    (found,) = list(registry.scan([models]))
    assert isinstance(found, zoo.FoundModel)
    assert found.card.id == "tiny-x2@1"
    assert found.card.training == {
        "recipe": "recipe.toml", "steps": 7, "seconds": 2, "commit": "abc1234",
    }  # fmt: skip
    assert (found.card.training_data, found.card.licence) == ("waves", "Apache-2.0")
    assert found.card.metrics["Set2"]["psnr_y"] > 0
    assert {t.dtype for t in read_weights(found.weights).values()} == {torch.float16}
    beside = {"card.json", "weights.safetensors", "recipe.toml", "log.jsonl", "curve.png"}
    assert {path.name for path in found.folder.iterdir()} == beside
    assert (models / INDEX).read_text() == index_of(models)
    out = capsys.readouterr().out
    assert "Set2: fp32" in out
    assert "stored as fp16" in out

    before = found.weights.read_bytes()
    publish.main([*_run(tmp_path / "second", 2), "--into", str(models)])
    ids = [entry.folder.name for entry in registry.scan([models])]
    assert ids == ["tiny-x2@1", "tiny-x2@2"]
    assert found.weights.read_bytes() == before
    assert (models / INDEX).read_text() == index_of(models)


def test_weights_stay_whole_where_half_of_them_costs(
    publish: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publish, "HALF_MAY_COST", -100.0)
    publish.main([*_run(tmp_path / "run", 1), "--into", str(tmp_path / "models")])
    weights = read_weights(tmp_path / "models" / "tiny-x2@1" / "weights.safetensors")
    assert {tensor.dtype for tensor in weights.values()} == {torch.float32}


@pytest.mark.parametrize(("cost", "chosen"), [(0.0099, "fp16"), (0.01, "fp32"), (-1.0, "fp16")])
def test_half_precision_may_cost_less_than_a_hundredth_of_a_decibel_on_every_folder(
    publish: ModuleType, cost: float, chosen: str
) -> None:
    whole = {"Set5": {"psnr_y": 0.0}, "microscopy": {"psnr": 0.0}}
    half = {"Set5": {"psnr_y": 0.0}, "microscopy": {"psnr": -cost}}
    assert publish.choose_precision({"fp32": whole, "fp16": half}) == chosen


def test_a_run_of_another_recipe_is_not_published(publish: ModuleType, tmp_path: Path) -> None:
    arguments = _run(tmp_path / "run", 1)
    recipe = tmp_path / "run" / "recipe.toml"
    recipe.write_text(RECIPE.replace("width = 4", "width = 8"))
    with pytest.raises(SystemExit, match="was not trained by"):
        publish.main([*arguments, "--into", str(tmp_path / "models")])
    assert not (tmp_path / "models").exists()
