from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from irrm_core.errors import UsageError
from irrm_core.training.base import Base, find_base
from irrm_core.training.files import Survey, survey
from irrm_core.training.fine_tuning import fine_tuning, started_from
from irrm_core.training.recipe import (
    DataRecipe,
    LossRecipe,
    ModelRecipe,
    OptimiserRecipe,
    Recipe,
)
from irrm_core.zoo import LatentPolicy

MODEL = ModelRecipe(
    "tiny",
    "irrm",
    {"scale": 2, "blocks": [1], "channels": 1, "width": 4},
    "three pictures",
    "CC0-1.0",
)
KNOWN = Recipe(
    MODEL,
    data=DataRecipe(patch=64, batch=5, microscopy=True, text=0.5),
    loss=LossRecipe(lr_weight=7.0),
    optimiser=OptimiserRecipe(learning_rate=3e-3, steps=90_000),
)
BASE = Base("tiny@3", Path("weights.safetensors"), "ab" * 32, MODEL, recipe=KNOWN)


@pytest.fixture
def found(tmp_path: Path) -> Survey:
    """What is in a folder with one 16-bit picture."""
    Image.fromarray(np.zeros((50, 60), np.uint16)).save(tmp_path / "plane.tif")
    return survey(tmp_path)


def test_a_model_s_own_recipe_is_gone_on_with_gently(found: Survey) -> None:
    recipe = fine_tuning(BASE, found)
    assert recipe.optimiser.learning_rate == pytest.approx(3e-4)
    assert recipe.optimiser.steps == 1000
    assert (recipe.loss.lr_weight, recipe.data.batch) == (7.0, 5)
    # The pictures as they are, in patches that they have room for.
    data = recipe.data
    assert (data.microscopy, data.text, data.copies, data.patch) == (False, 0.0, (1.0,), 50)
    assert recipe.model.name == "tiny-tuned"
    assert (recipe.model.base, recipe.model.base_weights) == ("tiny@3", "ab" * 32)
    assert recipe.model.training_data.endswith("before that, as tiny@3: three pictures")
    assert recipe.model.licence == "derived from tiny@3, CC0-1.0"


def test_a_model_is_fed_what_it_was_fed(found: Survey) -> None:
    noisy = replace(BASE, recipe=None, latent=LatentPolicy("gaussian", 0.5))
    assert fine_tuning(noisy, found).loss.latent_policy == LatentPolicy("gaussian", 0.5)


def test_a_recipe_says_what_else_it_was_derived_from() -> None:
    mine = replace(KNOWN, model=replace(MODEL, name="mine", training_data="cells", licence="MIT"))
    model = started_from(mine, BASE).model
    assert model.training_data == "cells; before that, as tiny@3: three pictures"
    assert model.licence == "MIT; derived from tiny@3, CC0-1.0"
    wider = replace(mine, model=replace(mine.model, parameters={**MODEL.parameters, "width": 8}))
    with pytest.raises(UsageError, match="tiny@3 is irrm"):
        started_from(wider, BASE)


def test_weights_of_nothing_known_need_a_recipe(found: Survey, tmp_path: Path) -> None:
    import torch
    from safetensors.torch import save_file

    from irrm_core.networks import build

    file = tmp_path / "some.safetensors"
    torch.manual_seed(5)
    save_file(build(MODEL.architecture, MODEL.parameters).state_dict(), file)
    base = find_base(file)
    with pytest.raises(UsageError, match=r"some\.safetensors.*give the recipe"):
        fine_tuning(base, found)
    assert started_from(KNOWN, base).model.base == str(file)
