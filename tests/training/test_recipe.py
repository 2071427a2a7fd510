from __future__ import annotations

from pathlib import Path

import pytest

from irrm_core.errors import UsageError
from irrm_core.training import read_recipe

MODEL = """
[model]
name = "tiny"
architecture = "irrm"
parameters = { scale = 2, blocks = [1] }
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "recipe.toml"
    path.write_text(text)
    return path


def test_a_recipe_is_read_with_defaults_for_what_it_leaves_out(tmp_path: Path) -> None:
    recipe = read_recipe(write(tmp_path, MODEL + "[data]\npatch = 64\ncopies = [1, 0.5]\n"))
    assert recipe.model.parameters == {"scale": 2, "blocks": [1]}
    assert recipe.data.patch == 64
    assert recipe.data.copies == (1.0, 0.5)
    assert recipe.data.batch == 8
    assert recipe.precision == "bf16"


def test_every_recipe_in_the_repository_can_be_read() -> None:
    recipes = sorted((Path(__file__).parents[2] / "recipes").glob("*.toml"))
    assert recipes
    for path in recipes:
        assert read_recipe(path).model.name == path.stem


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (MODEL + "[optimiser]\nlearning_rat = 1e-3\n", "optimiser.learning_rat"),
        (MODEL + "[optimizer]\nsteps = 3\n", "unknown key optimizer"),
        ('[model]\nname = "tiny"\nparameters = {}\n', "model.architecture is missing"),
        ("[data]\npatch = 64\n", "model is missing"),
        (MODEL + '[optimiser]\nsteps = "many"\n', "optimiser.steps is 'many'"),
        (MODEL + "[optimiser]\nsteps = true\n", "optimiser.steps is True"),
        (MODEL + '[loss]\nhr = "l2"\n', "loss.hr is 'l2'"),
        (MODEL + "[data]\ncopies = 0.5\n", "data.copies must be a list"),
        ('precision = "fp16"\n' + MODEL, "precision is 'fp16'"),
        ("model = 3\n", "model must be a table"),
        ("[model\n", "not a TOML file"),
    ],
)
def test_a_wrong_recipe_is_refused_with_file_and_key(
    tmp_path: Path, text: str, complaint: str
) -> None:
    path = write(tmp_path, text)
    with pytest.raises(UsageError) as caught:
        read_recipe(path)
    assert str(path) in str(caught.value)
    assert complaint in str(caught.value)
