"""Make a bundled model of a finished run: half precision, halo, benchmark figures, provenance.

    python recipes/publish.py runs/irrm-fast-x4 recipes/irrm-fast-x4.toml \
        --pictures ../shared/data/val --bench ../shared/data/bench/Set5 \
        --bench ../shared/data/bench/Set14 --commit 00e1805

The model's folder gets the card and the weights, and beside them what the run left behind:
the recipe, the log of its measurements and its curve.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.torch import load_file

from irrm_core.evaluation import Evaluation, evaluate_folder
from irrm_core.networks import build
from irrm_core.training import read_recipe
from irrm_core.training.files import list_images, read_ordinary
from irrm_core.zoo import LatentPolicy, measure_halo, save_model
from irrm_core.zoo.store import install

BUNDLED = Path(__file__).parents[1] / "src" / "irrm_core" / "zoo" / "bundled"
PICTURES = 6
PROTOCOL = (
    "irrm eval, fp32: luma, HR without a border as wide as the scale, 8-bit LR and HR; "
    "16-bit files: mean over files and channels of the dB below the mapping's range"
)
FIGURES = ("psnr_y", "ssim_y", "psnr_rgb", "lr_psnr_y", "lr_ssim_y")


def main() -> None:
    """Publish one run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--pictures", type=Path, required=True, help="to measure the halo on")
    parser.add_argument("--bench", type=Path, action="append", default=[])
    parser.add_argument("--commit", required=True, help="of the code that trained")
    parser.add_argument("--into", type=Path, default=BUNDLED)
    given = parser.parse_args()

    recipe = read_recipe(given.recipe)
    run = json.loads((given.run / "run.json").read_text())
    if (
        json.loads(json.dumps(dataclasses.asdict(recipe.model)))["parameters"]
        != run["recipe"]["model"]["parameters"]
    ):
        raise SystemExit(f"{given.run} was not trained by {given.recipe}")
    network = build(recipe.model.architecture, recipe.model.parameters)
    network.load_state_dict(load_file(given.run / "ema.safetensors"))
    # What is stored are the rounded weights, so these are what is measured.
    network.half().float().eval()
    latent = LatentPolicy("zero")
    photographs = [
        read_ordinary(path, network.channels) / 255.0
        for path in list_images(given.pictures)[:PICTURES]
    ]
    log = [json.loads(line) for line in (given.run / "log.jsonl").read_text().splitlines()]
    with tempfile.TemporaryDirectory() as scratch:
        card = save_model(
            scratch,
            network,
            name=recipe.model.name,
            architecture=recipe.model.architecture,
            parameters=recipe.model.parameters,
            latent=latent,
            halo=measure_halo(network, latent, photographs),
            training_data=recipe.model.training_data,
            licence=recipe.model.licence,
            training={
                "recipe": "recipe.toml",
                "steps": run["step"],
                "seconds": round(sum(entry["seconds"] for entry in log)),
                "commit": given.commit,
            },
            half=True,
        )
        made = Path(scratch) / card.id
        metrics = {"protocol": PROTOCOL} | {
            folder.name: _figures(evaluate_folder(folder, made)) for folder in given.bench
        }
        card = install(
            given.into,
            dataclasses.replace(card, metrics=metrics),
            (made / "weights.safetensors").read_bytes(),
        )
    folder = given.into / card.id
    shutil.copyfile(given.recipe, folder / "recipe.toml")
    for name in ("log.jsonl", "curve.png"):
        shutil.copyfile(given.run / name, folder / name)
    print(f"{card.id} is in {folder}")


def _figures(evaluation: Evaluation) -> dict[str, Any]:
    if evaluation.scores:
        means = {name: evaluation.mean(name) for name in FIGURES}
        return {name: round(mean, 4) for name, mean in means.items() if mean is not None}
    own = [score for score in evaluation.intensities if score.method == evaluation.model]
    return {"psnr": round(float(np.mean([score.report.psnr for score in own])), 2)}


if __name__ == "__main__":
    main()
