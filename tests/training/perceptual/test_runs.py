from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from irrm_core.errors import Cancelled, UsageError
from irrm_core.networks import build
from irrm_core.progress import Cancel
from irrm_core.training import Recipe, read_recipe, train
from irrm_core.training.recipe import (
    DataRecipe,
    ModelRecipe,
    OptimiserRecipe,
    PerceptualRecipe,
    ValidationRecipe,
)

PLUS = PerceptualRecipe(discriminator_width=4, discriminator_alone=2)


def small_recipe(
    plus: PerceptualRecipe | None = PLUS, *, steps: int = 6, every: int = 100
) -> Recipe:
    return Recipe(
        model=ModelRecipe("tiny-plus", "irrm", {"scale": 2, "blocks": [1], "width": 8}),
        data=DataRecipe(patch=32, batch=2, copies=(1.0,)),
        perceptual=plus,
        optimiser=OptimiserRecipe(steps=steps, learning_rate=2e-3, warmup=1),
        validation=ValidationRecipe(every=every, images=1),
        precision="fp32",
    )


class CancelAt:
    """A progress view that asks to stop after some steps."""

    def __init__(self, cancel: Cancel, steps: int) -> None:
        self.cancel, self.left = cancel, steps

    def begin(self, what: str, total: int) -> None: ...

    def advance(self, steps: int = 1) -> None:
        self.left -= steps
        if self.left == 0:
            self.cancel.cancel()

    def end(self) -> None: ...


def stop_after(recipe: Recipe, steps: int, photographs: Path, out: Path) -> None:
    cancel = Cancel()
    with pytest.raises(Cancelled):
        train(recipe, photographs, out, cancel=cancel, progress=CancelAt(cancel, steps))


def weights(run: Path) -> dict[str, Tensor]:
    return load_file(run / "weights.safetensors")


def same(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize(
    "plus",
    [
        PLUS,
        replace(PLUS, gan="vanilla", feature_loss="l1"),
        replace(PLUS, feature_loss="none", discriminator_alone=0),
    ],
)
def test_a_perceptual_run_goes_from_recipe_to_weights(
    photographs: Path, tmp_path: Path, plus: PerceptualRecipe
) -> None:
    recipe = small_recipe(plus)
    result = train(recipe, photographs, tmp_path / "run", validation=photographs)
    metrics = result.metrics
    wanted = {"loss_hr", "loss_lr", "loss_gan", "loss_discriminator", "loss_margin", "psnr_y"}
    assert wanted <= metrics.keys()
    assert ("loss_features" in metrics) == (plus.feature_loss != "none")
    assert all(math.isfinite(value) for value in metrics.values())
    assert metrics["skipped"] == 0
    plain = train(replace(recipe, perceptual=None), photographs, tmp_path / "plain")
    assert not same(weights(result.folder), weights(plain.folder))


@pytest.mark.parametrize("at", [1, 4])
def test_a_resumed_run_equals_an_uninterrupted_one_to_the_bit(
    photographs: Path, tmp_path: Path, at: int
) -> None:
    recipe = small_recipe()
    train(recipe, photographs, tmp_path / "whole")
    stop_after(recipe, at, photographs, tmp_path / "parts")
    train(recipe, photographs, tmp_path / "parts", resume=True)
    for name in ("weights", "ema"):
        file = f"{name}.safetensors"
        assert same(load_file(tmp_path / "whole" / file), load_file(tmp_path / "parts" / file))
    whole, parts = (
        torch.load(tmp_path / run / "optimiser.pt", weights_only=True)["state"]["discriminator"]
        for run in ("whole", "parts")
    )
    assert same(whole["weights"], parts["weights"])


def test_the_discriminator_learns_first_and_alone(photographs: Path, tmp_path: Path) -> None:
    recipe = small_recipe(steps=4, every=2)
    reported: list[dict[str, float]] = []
    stop_after(recipe, 2, photographs, tmp_path / "two")
    stop_after(recipe, 1, photographs, tmp_path / "one")
    result = train(recipe, photographs, tmp_path / "whole", report=reported.append)
    alone, together = reported
    assert alone["learning_rate"] == 0
    assert "loss_hr" not in alone
    assert "loss_discriminator" in alone
    assert together["learning_rate"] > 0
    assert "loss_gan" in together
    assert same(weights(tmp_path / "one"), weights(tmp_path / "two"))
    assert not same(weights(tmp_path / "two"), weights(result.folder))


def test_a_run_goes_on_without_its_discriminator_by_teaching_another_first(
    photographs: Path, tmp_path: Path
) -> None:
    recipe = small_recipe(steps=8, every=1)
    stop_after(recipe, 4, photographs, tmp_path / "run")
    (tmp_path / "run" / "optimiser.pt").unlink()
    reported: list[dict[str, float]] = []
    cancel = Cancel()
    with pytest.raises(Cancelled):
        train(
            recipe,
            photographs,
            tmp_path / "run",
            resume=True,
            report=reported.append,
            cancel=cancel,
            progress=CancelAt(cancel, 5),
        )
    # Interrupted once more, it has not forgotten whose turn it is.
    train(recipe, photographs, tmp_path / "run", resume=True, report=reported.append)
    assert [entry["step"] for entry in reported] == [5, 6, 7, 8]
    assert ["loss_gan" in entry for entry in reported] == [False, False, True, True]


def test_a_run_is_not_resumed_as_one_of_another_kind(photographs: Path, tmp_path: Path) -> None:
    plain = small_recipe(None)
    stop_after(plain, 2, photographs, tmp_path / "run")
    with pytest.raises(UsageError, match=r"optimiser.pt: kept by a recipe with another"):
        train(small_recipe(), photographs, tmp_path / "run", resume=True)


def test_steps_that_are_not_finite_change_neither_side(photographs: Path, tmp_path: Path) -> None:
    recipe = small_recipe(replace(PLUS, discriminator_alone=0), steps=3)
    network = build(recipe.model.architecture, recipe.model.parameters)
    state = network.state_dict()
    poisoned = next(name for name, p in network.named_parameters() if p.requires_grad)
    state[poisoned] = torch.full_like(state[poisoned], math.nan)
    start = tmp_path / "start.safetensors"
    save_file(state, start)
    result = train(recipe, photographs, tmp_path / "run", start_from=start)
    assert result.metrics["skipped"] == 3
    found = weights(result.folder)
    assert all(torch.equal(found[name], state[name]) for name in found if name != poisoned)
    kept = torch.load(result.folder / "optimiser.pt", weights_only=True)["state"]["discriminator"]
    assert not any(bool(value.isnan().any()) for value in kept["weights"].values())


def test_pictures_are_compared_by_features_of_ones_own(photographs: Path, tmp_path: Path) -> None:
    asked: list[torch.Size] = []

    def edges(pictures: Tensor) -> Tensor:
        asked.append(pictures.shape)
        return pictures.diff(dim=3)

    plus = replace(PLUS, gan="none", feature_loss="l1")
    recipe = small_recipe(plus, steps=2)
    result = train(recipe, photographs, tmp_path / "run", features=edges)
    assert set(asked) == {torch.Size((2, 3, 32, 32))}
    assert result.metrics["loss_features"] > 0
    assert "loss_gan" not in result.metrics
    kept = torch.load(result.folder / "optimiser.pt", weights_only=True)["state"]
    assert "discriminator" not in kept


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"gan": "none"}, "features are the discriminator's"),
        ({"discriminator_alone": 6}, "leaves the network none of the 6 steps"),
    ],
)
def test_parts_that_do_not_fit_are_refused_before_anything_is_written(
    photographs: Path, tmp_path: Path, change: dict[str, object], complaint: str
) -> None:
    recipe = small_recipe(replace(PLUS, **change))  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=complaint):
        train(recipe, photographs, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_patches_that_a_discriminator_cannot_take_are_refused(
    photographs: Path, tmp_path: Path
) -> None:
    recipe = replace(small_recipe(), data=DataRecipe(patch=24))
    with pytest.raises(UsageError, match="patch is 24, but a discriminator takes at least 32"):
        train(recipe, photographs, tmp_path / "run")


def test_features_without_a_use_are_refused(photographs: Path, tmp_path: Path) -> None:
    def nothing(pictures: Tensor) -> Tensor:
        return pictures

    with pytest.raises(UsageError, match="feature_loss is none"):
        plus = replace(PLUS, feature_loss="none")
        train(small_recipe(plus), photographs, tmp_path / "run", features=nothing)
    with pytest.raises(UsageError, match=r"no table \[perceptual\]"):
        train(small_recipe(None), photographs, tmp_path / "run", features=nothing)


MODEL = '[model]\nname = "tiny"\narchitecture = "irrm"\nparameters = {}\n'


def test_the_table_of_a_recipe_may_be_left_out(tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text(MODEL)
    assert read_recipe(path).perceptual is None
    path.write_text(MODEL + '[perceptual]\ngan = "vanilla"\ndiscriminator_betas = [0.5, 0.9]\n')
    plus = read_recipe(path).perceptual
    assert plus is not None
    assert plus == PerceptualRecipe(gan="vanilla", discriminator_betas=(0.5, 0.9))
    assert json.dumps(plus.__dict__)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('gan = "wgan"', "perceptual.gan is 'wgan'; it can be ragan or vanilla or none"),
        ('gan = "none"\nfeature_loss = "none"', "neither a gan nor a feature_loss"),
        ("discriminator_width = 1.5", "perceptual.discriminator_width is 1.5"),
        ("lambda = 3", "unknown key perceptual.lambda"),
    ],
)
def test_a_wrong_table_is_refused_with_file_and_key(
    tmp_path: Path, text: str, complaint: str
) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text(f"{MODEL}[perceptual]\n{text}\n")
    with pytest.raises(UsageError) as caught:
        read_recipe(path)
    assert str(path) in str(caught.value)
    assert complaint in str(caught.value)
