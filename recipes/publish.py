"""Publish a finished run: halo, benchmark figures, half precision where it is free, provenance.

    python recipes/publish.py runs/irrm-s-x4 recipes/irrm-s-x4.toml --into models \
        --pictures ../shared/data/val --bench ../shared/data/bench/Set5 \
        --bench ../shared/data/bench/Set14 --bench ../shared/data/bench/Kodak --commit 00e1805

Without ``--into`` the model is bundled with the package. Its folder gets the card and the
weights, and beside them what the run left behind: the recipe, the log of its measurements and
its curve. A name that was published before gets its next version; nothing is ever replaced.
"""

from __future__ import annotations

import argparse
import copy
import dataclasses
import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from irrm_core.evaluation import Evaluation, evaluate_folder
from irrm_core.networks import RescalingNetwork
from irrm_core.training import Recipe, read_recipe
from irrm_core.training.register import averaged, halo_images, save_trained
from irrm_core.zoo import ModelCard, measure_halo, register_folder
from irrm_core.zoo.index import INDEX, index_of
from irrm_core.zoo.store import install

ROOT = Path(__file__).parents[1]
BUNDLED = ROOT / "src" / "irrm_core" / "zoo" / "bundled"
MODELS = ROOT / "models"
PICTURES = 6
HALF_MAY_COST = 0.01
"""Decibels of HR, on every folder, that half precision may cost at most."""

PROTOCOL = (
    "irrm eval, fp32: luma, HR without a border as wide as the scale, 8-bit LR and HR; "
    "16-bit files: mean over files and channels of the dB below the mapping's range"
)
FIGURES = ("psnr_y", "ssim_y", "psnr_rgb", "lr_psnr_y", "lr_ssim_y")

Figures = Mapping[str, Mapping[str, float]]


def main(arguments: Sequence[str] | None = None) -> None:
    """Publish one run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--pictures", type=Path, required=True, help="to measure the halo on")
    parser.add_argument("--bench", type=Path, action="append", required=True, help="repeatable")
    parser.add_argument("--commit", required=True, help="of the code that trained")
    parser.add_argument("--into", type=Path, default=BUNDLED, help="folder of models")
    given = parser.parse_args(arguments)

    recipe = read_recipe(given.recipe)
    run = json.loads((given.run / "run.json").read_text(encoding="utf-8"))
    if recipe.model.parameters != run["recipe"]["model"]["parameters"]:
        raise SystemExit(f"{given.run} was not trained by {given.recipe}")
    network = averaged(recipe, given.run)
    with tempfile.TemporaryDirectory() as scratch:
        # Versions go on from what is published, wherever it lies, and from nothing else.
        os.environ["IRRM_MODEL_DIR"] = str(Path(scratch) / "none")
        for folder in (MODELS, given.into):
            register_folder(folder)
        card, weights = _measured(network, recipe, given, Path(scratch))
    card = install(given.into, dataclasses.replace(card, training=_training(given, run)), weights)
    folder = given.into / card.id
    shutil.copyfile(given.recipe, folder / "recipe.toml")
    for name in ("log.jsonl", "curve.png"):
        shutil.copyfile(given.run / name, folder / name)
    if given.into.resolve() != BUNDLED:
        (given.into / INDEX).write_text(index_of(given.into), encoding="utf-8")
    print(f"{card.id} is in {folder}, {len(weights) / 1e6:.2f} MB")
    print(f'RELEASED in tests/test_distribution.py gets "{card.id}": "{card.weights_hash}"')


def _measured(
    network: RescalingNetwork, recipe: Recipe, given: argparse.Namespace, scratch: Path
) -> tuple[ModelCard, bytes]:
    """Return card and weights in the precision that the figures allow."""
    images = halo_images(given.pictures, network, PICTURES)
    latent = recipe.loss.latent_policy
    # What half precision stores are rounded weights, so these are what is measured.
    rounded = copy.deepcopy(network).half().float()
    halo = measure_halo(rounded, latent, images)
    cards: dict[str, ModelCard] = {}
    figures: dict[str, Figures] = {}
    for kind, stored in (("fp32", network), ("fp16", rounded)):
        cards[kind] = save_trained(scratch / kind, recipe, stored, halo, half=kind == "fp16")
        made = scratch / kind / cards[kind].id
        figures[kind] = {f.name: _figures(evaluate_folder(f, made)) for f in given.bench}
    kind = choose_precision(figures)
    for folder in figures[kind]:
        told = (f"{p} {_hr(figures[p][folder]):.4f} dB" for p in ("fp32", "fp16"))
        print(f"{folder}: {', '.join(told)}")
    print(f"stored as {kind}")
    card = dataclasses.replace(
        cards[kind],
        metrics={"protocol": PROTOCOL, **figures[kind]},
        halo=halo if kind == "fp16" else measure_halo(network, latent, images),
    )
    return card, (scratch / kind / card.id / "weights.safetensors").read_bytes()


def choose_precision(figures: Mapping[str, Figures]) -> str:
    """Return ``"fp16"`` unless it costs `HALF_MAY_COST` or more on any folder, else ``"fp32"``."""
    costs = [_hr(whole) - _hr(figures["fp16"][folder]) for folder, whole in figures["fp32"].items()]
    return "fp16" if max(costs) < HALF_MAY_COST else "fp32"


def _hr(figures: Mapping[str, float]) -> float:
    return figures["psnr_y"] if "psnr_y" in figures else figures["psnr"]


def _figures(evaluation: Evaluation) -> dict[str, float]:
    if evaluation.scores:
        means = {name: evaluation.mean(name) for name in FIGURES}
        return {name: round(mean, 4) for name, mean in means.items() if mean is not None}
    own = [score for score in evaluation.intensities if score.method == evaluation.model]
    return {"psnr": round(float(np.mean([score.report.psnr for score in own])), 4)}


def _training(given: argparse.Namespace, run: Mapping[str, Any]) -> dict[str, Any]:
    log = [
        json.loads(line)
        for line in (given.run / "log.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    return {
        "recipe": "recipe.toml",
        "steps": run["step"],
        "seconds": round(sum(entry["seconds"] for entry in log)),
        "commit": given.commit,
    }


if __name__ == "__main__":
    main()
