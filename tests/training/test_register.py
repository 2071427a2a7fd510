from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import load_file

from irrm_core.training import Recipe, register_run, train
from irrm_core.training.recipe import (
    DataRecipe,
    ModelRecipe,
    OptimiserRecipe,
    ValidationRecipe,
)
from irrm_core.zoo import load_model

RECIPE = Recipe(
    model=ModelRecipe(
        "tiny-gray",
        "irrm",
        {"scale": 2, "blocks": [1], "channels": 1, "width": 8},
        training_data="three painted pictures",
        licence="CC0-1.0",
    ),
    data=DataRecipe(patch=24, batch=2),
    optimiser=OptimiserRecipe(steps=3),
    validation=ValidationRecipe(images=2),
    precision="fp32",
)


def test_a_finished_run_becomes_a_model_that_loads(photographs: Path, tmp_path: Path) -> None:
    result = train(RECIPE, photographs, tmp_path, validation=photographs)
    card = register_run(RECIPE, tmp_path, photographs)
    assert card.id == "tiny-gray@1"
    assert (card.scale, card.channels, card.latent.kind) == (2, 1, "zero")
    assert (card.training_data, card.licence) == ("three painted pictures", "CC0-1.0")
    assert card.halo.restore >= 4
    assert card.metrics["psnr_y"] == round(result.metrics["psnr_y"], 2)
    model = load_model(tmp_path / "models" / card.id, device="cpu")
    assert model.card == card
    average = load_file(tmp_path / "ema.safetensors")
    assert all(torch.equal(average[k], v) for k, v in model.network.state_dict().items())


def test_more_training_becomes_a_new_version(photographs: Path, tmp_path: Path) -> None:
    train(RECIPE, photographs, tmp_path)
    first = register_run(RECIPE, tmp_path, photographs)
    assert register_run(RECIPE, tmp_path, photographs) == first
    longer = replace(RECIPE, optimiser=OptimiserRecipe(steps=5))
    train(longer, photographs, tmp_path, resume=True)
    second = register_run(longer, tmp_path, photographs)
    assert (first.id, second.id) == ("tiny-gray@1", "tiny-gray@2")
    assert load_model(tmp_path / "models" / first.id).card == first
