"""The model that a run starts from."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from irrm_core.errors import IrrmError, ModelFileError, ModelNotFoundError
from irrm_core.training.recipe import ModelRecipe, Recipe, read_recipe, recipe_from
from irrm_core.zoo import FoundModel, LatentPolicy, find_model, weights_hash
from irrm_core.zoo.model import load_network
from irrm_core.zoo.registry import CARD
from irrm_core.zoo.weights import read_weights


@dataclass(frozen=True)
class Base:
    """Weights to start from, and what is known of them.

    Attributes
    ----------
    name : str
        Id of the model, or the path of a file that belongs to none.
    weights : Path
        The safetensors file.
    weights_hash : str
        Of the tensors in it.
    model : ModelRecipe, optional
        Network, training data and licence; None where nothing but tensors is known.
    latent : LatentPolicy
        What the network is fed when it restores.
    recipe : Recipe, optional
        By which it was trained, where that is known.
    """

    name: str
    weights: Path
    weights_hash: str
    model: ModelRecipe | None = None
    latent: LatentPolicy = field(default_factory=lambda: LatentPolicy("zero"))
    recipe: Recipe | None = None

    @property
    def origin(self) -> str:
        """What a card says of a model that was made from this one."""
        return f"{self.name} (weights {self.weights_hash[:12]})"


def find_base(reference: str | Path) -> Base:
    """Find what training shall start from.

    Parameters
    ----------
    reference : str or Path
        A model as `find_model` takes it: id, name, weights hash, folder. Or the folder of a
        run, whose moving average is taken. Or a safetensors file: of a model, of a run, or of
        anything else, with which a recipe is needed.

    Raises
    ------
    ModelNotFoundError
        There is nothing of the kind.
    ModelFileError
        It is damaged.
    """
    path = Path(reference)
    if path.suffix == ".safetensors" and path.is_file():
        return _of_file(path)
    if (path / "run.json").is_file():
        return _of_run(path, path / "ema.safetensors")
    return _of_model(find_model(reference))


def _of_file(path: Path) -> Base:
    if (path.parent / CARD).is_file():
        return _of_model(find_model(path.parent))
    if (path.parent / "run.json").is_file():
        return _of_run(path.parent, path)
    digest = weights_hash(read_weights(path))
    try:
        return _of_model(find_model(digest))
    except ModelNotFoundError:
        return Base(str(path), path, digest)


def _of_run(run: Path, weights: Path) -> Base:
    try:
        recipe = recipe_from(json.loads((run / "run.json").read_text(encoding="utf-8"))["recipe"])
    except (OSError, ValueError, KeyError) as error:
        raise ModelFileError(f"{run / 'run.json'}: damaged; start from a model instead") from error
    digest = weights_hash(read_weights(weights))
    latent = recipe.loss.latent_policy
    return Base(f"{recipe.model.name} of {run}", weights, digest, recipe.model, latent, recipe)


def _of_model(found: FoundModel) -> Base:
    load_network(found)  # the weights are the card's, or an error says so
    card = found.card
    model = ModelRecipe(
        card.name, card.architecture, dict(card.parameters), card.training_data, card.licence
    )
    digest = card.weights_hash
    return Base(card.id, found.weights, digest, model, card.latent, _recipe_of(found))


def _recipe_of(found: FoundModel) -> Recipe | None:
    """Return the recipe beside a published model, or in the card of a model from a run."""
    kept = found.card.training.get("recipe")
    try:
        if isinstance(kept, dict):
            return recipe_from(kept)
        if isinstance(kept, str) and (found.folder / Path(kept).name).is_file():
            return read_recipe(found.folder / Path(kept).name)
    except IrrmError:
        return None  # of another version; its defaults are not worth an error
    return None
