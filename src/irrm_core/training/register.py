"""From a run to a model that everything else can use."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safetensors.torch import load_file

from irrm_core.errors import UsageError
from irrm_core.networks import RescalingNetwork, build
from irrm_core.training.curve import read_log
from irrm_core.training.pictures import Pictures, load_pictures
from irrm_core.training.recipe import Recipe
from irrm_core.zoo import (
    FoundModel,
    Halo,
    ModelCard,
    measure_halo,
    save_model,
    scan,
    search_folders,
    user_folder,
)
from irrm_core.zoo.registry import WEIGHTS
from irrm_core.zoo.store import install

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MODELS = "models"
"""Folder within a run's folder that the models made of the run go to."""

_PICTURES = 3
_SIDE = 2048
_RELEASED = re.compile(r"irrm-(fast|s|m|l)(-gray)?-x[0-9](-plus)?")


def register_run(recipe: Recipe, run: str | Path, pictures: str | Path | Pictures) -> ModelCard:
    """Write the moving average of a run as a model, with the halo that it was measured to need.

    Parameters
    ----------
    recipe : Recipe
        What the run was trained by.
    run : path
        Folder of the run; the model goes to ``run/models/<id>``.
    pictures : path or Pictures
        A folder of pictures, or pictures: on the first few the halo is measured.

    Returns
    -------
    ModelCard
        The card as written; its metrics are those of the run's last validation.

    Raises
    ------
    UsageError
        `pictures` holds none.
    OSError
        `run` holds no checkpoint.
    """
    run = Path(run)
    network = averaged(recipe, run)
    return save_trained(
        run / MODELS,
        recipe,
        network,
        measure_halo(network, recipe.loss.latent_policy, halo_images(pictures, network, _PICTURES)),
        metrics=_metrics(run),
        training=json.loads((run / "run.json").read_text(encoding="utf-8")),
    )


def averaged(recipe: Recipe, run: str | Path) -> RescalingNetwork:
    """Return the recipe's network with the moving average of a run, which is what is shipped."""
    network = build(recipe.model.architecture, recipe.model.parameters)
    network.load_state_dict(load_file(Path(run) / "ema.safetensors"))
    return network.eval()


def halo_images(
    pictures: str | Path | Pictures, network: RescalingNetwork, most: int
) -> list[NDArray[np.float64]]:
    """Return the middle of the first pictures in [0, 1], for `irrm_core.zoo.measure_halo`."""
    if not isinstance(pictures, Pictures):
        pictures = load_pictures(
            pictures, channels=network.channels, smallest=network.size_multiple, most=most
        )
    return [picture.middle(_SIDE).unit() for picture in pictures.pictures[:most]]


def save_trained(
    folder: Path, recipe: Recipe, network: RescalingNetwork, halo: Halo, **more: Any
) -> ModelCard:
    """Write a network as the recipe's model; `more` is what else `save_model` takes."""
    model = recipe.model
    return save_model(
        folder,
        network,
        name=model.name,
        architecture=model.architecture,
        parameters=model.parameters,
        latent=recipe.loss.latent_policy,
        halo=halo,
        training_data=model.training_data,
        licence=model.licence,
        **more,
    )


def install_model(run: str | Path, card: ModelCard) -> Path:
    """Copy a run's model into the user's folder, where all front doors find it by its name.

    Parameters
    ----------
    run : path
        Folder of the run.
    card : ModelCard
        As `register_run` returned it.

    Returns
    -------
    Path
        The model's folder among the user's models.

    Raises
    ------
    UsageError
        The name is that of a released model, which nobody's own one should hide.
    OutputExistsError
        The id exists with other weights: nothing is ever replaced.
    """
    if is_reserved(card.name):
        raise UsageError(
            f"{card.name} is what a released model is called, which this one would hide wherever "
            "it is asked for by name; train it under another, with --name"
        )
    folder = user_folder()
    install(folder, card, (Path(run) / MODELS / card.id / WEIGHTS).read_bytes())
    return folder / card.id


def is_reserved(name: str) -> bool:
    """Whether released models are called so, or may be: the newest version of a name is taken."""
    bundled = scan(search_folders()[-1:])
    names = {found.card.name for found in bundled if isinstance(found, FoundModel)}
    return name in names or bool(_RELEASED.fullmatch(name))


def _metrics(run: Path) -> dict[str, float | str]:
    """Return the last validation, or nothing where there was none."""
    log = read_log(run / "log.jsonl")
    if not log or "psnr_y" not in log[-1]:
        return {}
    last = log[-1]
    return {
        "protocol": "dB, mean over validation pictures: 8-bit ones on luma, others below the "
        "range of the data; LR against antialiased bicubic",
        "psnr_y": round(last["psnr_y"], 2),
        "lr_psnr_y": round(last["lr_psnr_y"], 2),
    }
