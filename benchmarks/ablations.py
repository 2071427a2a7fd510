"""Short training runs of equal length, one change at a time: ``python -m benchmarks.ablations``.

Every run gets the same training seconds on one thread; the number of steps follows from a
step as ``--calibrate`` measured it. Finished runs are kept in the results file and not repeated,
so the command goes on where it was stopped. ``--table`` prints the results as the table in
``training.md``.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from irrm_core.device import set_threads
from irrm_core.training import Recipe, read_recipe, train

ROOT = Path(__file__).resolve().parents[1]
RESULTS = Path(__file__).with_suffix(".jsonl")

_PHOTOGRAPHS = {"data.text": 0.0, "data.shapes": 0.0, "data.recolour": 0.0}
_ADAM = {"optimiser.method": "adam", "optimiser.learning_rate": 5e-4}
STEPS = RESULTS.with_name("ablations_steps.json")

BUNDLED = ROOT / "src" / "irrm_core" / "zoo" / "bundled"
BASES = {
    "irrm-fast-x4@1": BUNDLED / "irrm-fast-x4@1" / "recipe.toml",
    "irrm-fast-x4@2": ROOT / "recipes" / "irrm-fast-x4.toml",
    "irrm-fast-x2@2": ROOT / "recipes" / "irrm-fast-x2.toml",
}

Change = tuple[str, str, dict[str, Any]]

# Base recipe, name of the change, and what it sets: "part.key" of the recipe.
CHANGES: list[Change] = [
    ("irrm-fast-x4@1", "none", {}),
    ("irrm-fast-x4@1", "LR weight 16 (s squared)", {"loss.lr_weight": 16.0}),
    ("irrm-fast-x4@1", "LR weight 1", {"loss.lr_weight": 1.0}),
    ("irrm-fast-x4@1", "LR weight 0.25", {"loss.lr_weight": 0.25}),
    ("irrm-fast-x4@1", "blocks [0, 8]", {"model.blocks": [0, 8]}),
    ("irrm-fast-x4@1", "blocks [1, 8]", {"model.blocks": [1, 8]}),
    ("irrm-fast-x4@1", "blocks [4, 4]", {"model.blocks": [4, 4]}),
    ("irrm-fast-x4@1", "width 48, blocks [1, 4]", {"model.blocks": [1, 4], "model.width": 48}),
    ("irrm-fast-x4@1", "width 48, blocks [0, 5]", {"model.blocks": [0, 5], "model.width": 48}),
    ("irrm-fast-x4@1", "width 64, blocks [1, 3]", {"model.blocks": [1, 3], "model.width": 64}),
    ("irrm-fast-x4@2", "none", {}),
    ("irrm-fast-x4@2", "Adam, rate 5e-4", _ADAM),
    ("irrm-fast-x4@2", "blocks [2, 6], width 32", {"model.blocks": [2, 6], "model.width": 32}),
    ("irrm-fast-x4@2", "joint, blocks [1, 5]", {"model.joint": True, "model.blocks": [1, 5]}),
    ("irrm-fast-x4@2", "no long skip", {"model.skip": False}),
    ("irrm-fast-x4@2", "LR weight 16 (s squared)", {"loss.lr_weight": 16.0}),
    ("irrm-fast-x4@2", "LR weight 1", {"loss.lr_weight": 1.0}),
    ("irrm-fast-x4@2", "LR weight 0.25", {"loss.lr_weight": 0.25}),
    ("irrm-fast-x4@2", "texture 0.5", {"data.texture": 0.5}),
    ("irrm-fast-x4@2", "photographs alone", _PHOTOGRAPHS),
    ("irrm-fast-x4@2", "gaussian latent", {"loss.latent": "gaussian", "loss.latent_std": 1.0}),
    ("irrm-fast-x2@2", "none", {}),
    ("irrm-fast-x2@2", "Adam, rate 5e-4", _ADAM),
    ("irrm-fast-x2@2", "width 32, 8 deeper", {"model.width": 32, "model.deeper_blocks": 8}),
    ("irrm-fast-x2@2", "joint, 5 deeper", {"model.joint": True, "model.deeper_blocks": 5}),
    ("irrm-fast-x2@2", "no long skip", {"model.skip": False}),
    ("irrm-fast-x2@2", "LR weight 4 (s squared)", {"loss.lr_weight": 4.0}),
    ("irrm-fast-x2@2", "LR weight 0.25", {"loss.lr_weight": 0.25}),
]


def changed(recipe: Recipe, change: dict[str, Any]) -> Recipe:
    """Return the recipe with values changed; keys of ``model`` are the network's parameters."""
    for key, value in change.items():
        part, _, name = key.partition(".")
        if part == "model":
            parameters = {**recipe.model.parameters, name: value}
            recipe = replace(recipe, model=replace(recipe.model, parameters=parameters))
        else:
            recipe = replace(recipe, **{part: replace(getattr(recipe, part), **{name: value})})
    return recipe


def of_length(recipe: Recipe, steps: int) -> Recipe:
    """Return the recipe with a schedule of so many steps, measured at its end."""
    optimiser = replace(recipe.optimiser, steps=steps, warmup=min(100, steps // 4))
    return replace(recipe, optimiser=optimiser, validation=replace(recipe.validation, every=steps))


def step_seconds(recipe: Recipe, data: Path) -> float:
    """Measure the processor time of one training step, set-up left out."""
    took = []
    for steps in (5, 45):
        with tempfile.TemporaryDirectory() as out:
            start = time.process_time()
            train(of_length(recipe, steps), data, Path(out))
            took.append(time.process_time() - start)
    return (took[1] - took[0]) / 40


def calibrated(pending: list[Change], data: Path) -> dict[str, float]:
    """Measure what has no measured step yet, on a few pictures; return seconds by change.

    A step takes longer on a busy machine. With steps measured once, while nothing else runs, the
    runs themselves may share the machine: their number of steps is settled.
    """
    known: dict[str, float] = json.loads(STEPS.read_text()) if STEPS.exists() else {}
    with tempfile.TemporaryDirectory() as few:
        for path in sorted(data.iterdir())[:4]:
            (Path(few) / path.name).symlink_to(path.resolve())
        for base, name, change in pending:
            if (key := f"{base}: {name}") not in known:
                known[key] = step_seconds(changed(read_recipe(BASES[base]), change), Path(few))
                STEPS.write_text(json.dumps(known, indent=1) + "\n")
                print(f"{key}: {known[key]:.3f} s a step", flush=True)
    return known


def run(recipe: Recipe, steps: int, data: Path, val: Path) -> dict[str, Any]:
    """Train for a number of steps and return what came out."""
    with tempfile.TemporaryDirectory() as out:
        result = train(of_length(recipe, steps), data, Path(out), validation=val)
    return {"steps": steps, **result.metrics}


def table(results: list[dict[str, Any]]) -> str:
    """Return the results as a Markdown table."""
    lines = [
        "| recipe | change | seconds | s/step | steps | HR PSNR-Y | LR PSNR-Y |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in results:
        lines.append(
            f"| {one['base']} | {one['change']} | {one['length']:.0f} | "
            f"{one['step_seconds']:.3f} | {one['steps']} | "
            f"{one['psnr_y']:.2f} | {one['lr_psnr_y']:.2f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Run what has no result yet, or print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--validation", type=Path)
    parser.add_argument("--seconds", type=float, default=450, help="training time of a run")
    parser.add_argument("--table", action="store_true", help="print the results and stop")
    parser.add_argument("--calibrate", action="store_true", help="measure steps and stop")
    options = parser.parse_args()
    lines = RESULTS.read_text().splitlines() if RESULTS.exists() else []
    results = [json.loads(line) for line in lines]
    if options.table:
        print(table(results))
        return
    set_threads(1)
    done = {(one["base"], one["change"]) for one in results}
    pending = [change for change in CHANGES if change[:2] not in done]
    seconds = calibrated(pending, options.data)
    if options.calibrate:
        return
    for base, name, change in pending:
        recipe = changed(read_recipe(BASES[base]), change)
        each = seconds[f"{base}: {name}"]
        got = run(recipe, int(options.seconds / each), options.data, options.validation)
        head = {"base": base, "change": name, "length": options.seconds, "step_seconds": each}
        entry = {**head, **got}
        with RESULTS.open("a") as stream:
            stream.write(json.dumps(entry) + "\n")
        print(table([entry]).splitlines()[-1], flush=True)


if __name__ == "__main__":
    main()
