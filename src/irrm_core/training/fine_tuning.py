"""A recipe for going on with a model on pictures of one's own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from irrm_core.device import has_bfloat16
from irrm_core.errors import UsageError
from irrm_core.networks import build
from irrm_core.training.recipe import DataRecipe, ModelRecipe, Recipe, ValidationRecipe
from irrm_core.zoo import list_models
from irrm_core.zoo.card import check_name

if TYPE_CHECKING:
    from irrm_core.networks import RescalingNetwork
    from irrm_core.training.base import Base
    from irrm_core.training.files import Survey

STEPS = 1000
"""Of fine-tuning, unless more or fewer are asked for."""

SLOWER = 0.1
"""Part of the learning rate that the model was trained with."""

_EVERY = 200
_WARMUP = 50


def fine_tuning(base: Base, found: Survey, *, device: str = "cpu") -> Recipe:
    """Return a recipe that goes on with a model.

    Loss, optimiser and batch are those of the model's own recipe, where that is known. The
    learning rate is a tenth, the run is short, and pictures are used as they are: nothing is
    imitated or drawn, and deep ones are not used at smaller sizes either, since noise and
    blur of an instrument belong to its pixels.

    Parameters
    ----------
    base : Base
        The model.
    found : Survey
        The pictures.
    device : str
        That will train. Where it has no bfloat16 of its own, all is computed in float32.

    Raises
    ------
    UsageError
        Of the weights no network is known; or they are of an RGB model and no picture has
        colours.
    """
    if base.model is None:
        raise UsageError(
            f"{base.name}: belongs to no model that is known here, so what network it is of is "
            "not known; give the recipe that it was trained by as well"
        )
    network = build(base.model.architecture, base.model.parameters)
    if network.channels == 3 and found.files and found.gray:
        raise UsageError(_no_colours(base, network, found))
    usual = base.recipe or Recipe(base.model)
    optimiser = replace(
        usual.optimiser,
        steps=STEPS,
        learning_rate=usual.optimiser.learning_rate * SLOWER,
        warmup=_WARMUP,
    )
    data = DataRecipe(
        patch=_patch(usual.data.patch, found.side, network.size_multiple),
        batch=usual.data.batch,
        texture=usual.data.texture,
        copies=(1.0,) if found.deep else DataRecipe.copies,
    )
    model = replace(base.model, name=f"{base.model.name}-tuned")
    return started_from(
        replace(
            usual,
            model=model,
            data=data,
            loss=replace(usual.loss, latent=base.latent.kind, latent_std=base.latent.std),
            optimiser=optimiser,
            validation=ValidationRecipe(every=_EVERY),
            precision=usual.precision if has_bfloat16(device) else "fp32",
        ),
        base,
        f"pictures of {found.folder.resolve().name}",
    )


def started_from(recipe: Recipe, base: Base, pictures: str | None = None) -> Recipe:
    """Return the recipe with what its model's card must say of the model it started from.

    Parameters
    ----------
    recipe : Recipe
        With the network of the base.
    base : Base
        The model.
    pictures : str, optional
        What it is trained on now; by default what the recipe says.

    Raises
    ------
    UsageError
        The recipe is for another network.
    """
    model, of = recipe.model, base.model
    said, licence = pictures or model.training_data, model.licence
    if of is not None:
        if _tensors(of) != _tensors(model):
            raise UsageError(
                f"{base.name} is {of.architecture} with {of.parameters}, the recipe "
                f"{model.name} is for {model.architecture} with {model.parameters}; start from a "
                f"model that fits{_that_fit(model)}, or leave the recipe out"
            )
        said = f"{said}; before that, as {base.name}: {of.training_data}"
        ours = licence if licence not in ("unknown", of.licence) else ""
        licence = f"{ours}{'; ' if ours else ''}derived from {base.name}, {of.licence}"
    return replace(
        recipe,
        model=replace(
            model,
            training_data=said,
            licence=licence,
            base=base.name,
            base_weights=base.weights_hash,
        ),
    )


def named(recipe: Recipe, name: str | None, steps: int | None) -> Recipe:
    """Return the recipe with another name or length, where they are given.

    Raises
    ------
    UsageError
        No model can be called so.
    """
    if name is not None:
        try:
            recipe = replace(recipe, model=replace(recipe.model, name=check_name(name)))
        except ValueError as error:
            raise UsageError(str(error)) from error
    if steps is not None:
        optimiser = replace(
            recipe.optimiser, steps=steps, warmup=min(recipe.optimiser.warmup, steps // 10)
        )
        recipe = replace(recipe, optimiser=optimiser)
    return recipe


def _patch(usual: int, side: int, multiple: int) -> int:
    """Return the usual side of a patch, or what the largest pictures have room for."""
    room = min(usual, side) if side else usual
    return max(room // multiple, 1) * multiple


def _no_colours(base: Base, network: RescalingNetwork, found: Survey) -> str:
    fit = [c.id for c in list_models() if (c.channels, c.scale) == (1, network.scale)]
    return (
        f"{found.folder}: has single-channel pictures only, and {base.name} is an RGB model; "
        f"start from {' or '.join(fit) or 'a single-channel model'}, or triple the channel with a "
        "recipe if it must be RGB"
    )


def _that_fit(model: ModelRecipe) -> str:
    wanted = (model.architecture, dict(model.parameters))
    fit = [c.id for c in list_models() if (c.architecture, dict(c.parameters)) == wanted]
    return f" ({', '.join(fit)})" if fit else ""


def _tensors(model: ModelRecipe) -> dict[str, tuple[int, ...]]:
    """Return names and shapes of a network's weights: what makes it the same network."""
    try:
        network = build(model.architecture, model.parameters)
    except ValueError as error:
        raise UsageError(f"recipe {model.name}: {error}") from error
    return {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
