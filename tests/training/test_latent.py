from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from irrm_core.errors import UsageError
from irrm_core.training import read_recipe, register_run, train
from irrm_core.training.latent import fed_latent
from irrm_core.training.recipe import (
    DataRecipe,
    LossRecipe,
    ModelRecipe,
    OptimiserRecipe,
    Recipe,
    ValidationRecipe,
)
from irrm_core.zoo import LatentPolicy

NOISY = Recipe(
    model=ModelRecipe("noisy", "irrm", {"scale": 2, "blocks": [1], "width": 8}),
    data=DataRecipe(patch=24, batch=4, copies=(1.0,)),
    loss=LossRecipe(latent="gaussian", latent_std=0.5),
    optimiser=OptimiserRecipe(steps=3),
    validation=ValidationRecipe(every=3, images=1),
    precision="fp32",
)


def test_noise_is_a_function_of_its_key() -> None:
    like = torch.empty(2, 9, 16, 16)
    policy = LatentPolicy("gaussian", 0.5)
    noise = fed_latent(like, policy, 0, 1)
    assert torch.equal(noise, fed_latent(like, policy, 0, 1))
    assert not torch.equal(noise, fed_latent(like, policy, 0, 2))
    assert not torch.equal(noise, fed_latent(like, policy, 1, 1))
    assert float(noise.std()) == pytest.approx(0.5, rel=0.05)
    assert not fed_latent(like, LatentPolicy("zero"), 0, 1).any()


def test_a_model_trained_with_noise_says_so_and_was_measured_with_it(
    photographs: Path, tmp_path: Path
) -> None:
    noisy = train(NOISY, photographs, tmp_path / "noisy", validation=photographs)
    quiet = train(
        replace(NOISY, loss=LossRecipe()), photographs, tmp_path / "quiet", validation=photographs
    )
    assert noisy.metrics["loss_hr"] > quiet.metrics["loss_hr"]
    assert noisy.metrics["psnr_y"] < quiet.metrics["psnr_y"]
    card = register_run(NOISY, tmp_path / "noisy", photographs)
    assert card.latent == LatentPolicy("gaussian", 0.5)
    assert json.loads((tmp_path / "noisy" / "run.json").read_text())["recipe"]["loss"]["latent"]


def test_an_impossible_latent_is_refused_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text(
        '[model]\nname = "tiny"\narchitecture = "irrm"\nparameters = {}\n'
        '[loss]\nlatent = "gaussian"\nlatent_std = 0\n'
    )
    with pytest.raises(UsageError, match=r"recipe.toml: .*std must be above 0"):
        read_recipe(path)
