"""From a run to a model that everything else can use."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from safetensors.torch import load_file

from irrm_core.networks import build
from irrm_core.training.curve import read_log
from irrm_core.training.patches import list_images, read_picture
from irrm_core.training.recipe import Recipe
from irrm_core.zoo import ModelCard, measure_halo, save_model

MODELS = "models"
"""Folder within a run's folder that the models made of the run go to."""

_PICTURES = 3


def register_run(recipe: Recipe, run: str | Path, pictures: str | Path) -> ModelCard:
    """Write the moving average of a run as a model, with the halo that it was measured to need.

    Parameters
    ----------
    recipe : Recipe
        What the run was trained by.
    run : path
        Folder of the run; the model goes to ``run/models/<id>``.
    pictures : path
        Folder of photographs on the first few of which the halo is measured.

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
    network = build(recipe.model.architecture, recipe.model.parameters)
    network.load_state_dict(load_file(run / "ema.safetensors"))
    network.eval()
    latent = recipe.loss.latent_policy
    paths = list_images(pictures)[:_PICTURES]
    photographs = [np.asarray(read_picture(path, network.channels)) / 255.0 for path in paths]
    return save_model(
        run / MODELS,
        network,
        name=recipe.model.name,
        architecture=recipe.model.architecture,
        parameters=recipe.model.parameters,
        latent=latent,
        halo=measure_halo(network, latent, photographs),
        training_data=recipe.model.training_data,
        licence=recipe.model.licence,
        metrics=_metrics(recipe, run),
        training=json.loads((run / "run.json").read_text(encoding="utf-8")),
    )


def _metrics(recipe: Recipe, run: Path) -> dict[str, float | str]:
    """Return the last validation, or nothing where there was none."""
    log = read_log(run / "log.jsonl")
    if not log or "psnr_y" not in log[-1]:
        return {}
    last = log[-1]
    return {
        "protocol": f"dB on luma, mean of {recipe.validation.images} validation images",
        "psnr_y": round(last["psnr_y"], 2),
        "lr_psnr_y": round(last["lr_psnr_y"], 2),
    }
