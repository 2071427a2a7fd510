"""Short training runs of equal length, one change at a time: ``python -m benchmarks.ablations``.

Every run gets the same training seconds on one thread; the number of steps follows from a
measured step. Finished runs are kept in the results file and not repeated, so the command goes
on where it was stopped. ``--table`` prints the results as the table in ``training.md``.
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

# Base recipe, name of the change, and what it sets: "part.key" of the recipe.
CHANGES: list[tuple[str, str, dict[str, Any]]] = [
    ("irrm-fast-x4", "none", {}),
    ("irrm-fast-x4", "LR weight 16 (s squared)", {"loss.lr_weight": 16.0}),
    ("irrm-fast-x4", "LR weight 1", {"loss.lr_weight": 1.0}),
    ("irrm-fast-x4", "LR weight 0.25", {"loss.lr_weight": 0.25}),
    ("irrm-fast-x4", "blocks [0, 8]", {"model.blocks": [0, 8]}),
    ("irrm-fast-x4", "blocks [1, 8]", {"model.blocks": [1, 8]}),
    ("irrm-fast-x4", "blocks [4, 4]", {"model.blocks": [4, 4]}),
    ("irrm-fast-x4", "width 48, blocks [1, 4]", {"model.blocks": [1, 4], "model.width": 48}),
    ("irrm-fast-x4", "width 48, blocks [0, 5]", {"model.blocks": [0, 5], "model.width": 48}),
    ("irrm-fast-x4", "width 64, blocks [1, 3]", {"model.blocks": [1, 3], "model.width": 64}),
    ("irrm-fast-x4", "width 96, blocks [0, 2]", {"model.blocks": [0, 2], "model.width": 96}),
    ("irrm-fast-x4", "width 24, blocks [3, 9]", {"model.blocks": [3, 9], "model.width": 24}),
    ("irrm-fast-x4", "learning rate 1e-3", {"optimiser.learning_rate": 1e-3}),
    ("irrm-fast-x4", "batch 16, patch 64", {"data.batch": 16, "data.patch": 64}),
    ("irrm-fast-x4", "texture 1", {"data.texture": 1.0}),
    ("irrm-fast-x2", "none", {}),
    ("irrm-fast-x2", "width 48, 4 deeper", {"model.width": 48, "model.deeper_blocks": 4}),
    ("irrm-fast-x2", "width 64, 2 deeper", {"model.width": 64, "model.deeper_blocks": 2}),
    ("irrm-fast-x2", "LR weight 1", {"loss.lr_weight": 1.0}),
    ("irrm-fast-x2", "LR weight 0.25", {"loss.lr_weight": 0.25}),
    ("irrm-fast-x2", "learning rate 1e-3", {"optimiser.learning_rate": 1e-3}),
    ("irrm-fast-x2", "blocks [2], 4 deeper", {"model.blocks": [2], "model.deeper_blocks": 4}),
    ("irrm-fast-x2", "blocks [0], 12 deeper", {"model.blocks": [0], "model.deeper_blocks": 12}),
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
    """Measure the processor time of one training step, set-up left out.

    On one thread of a quiet machine that is the time on the clock, and on a busy one it still is.
    """
    took = []
    for steps in (5, 45):
        with tempfile.TemporaryDirectory() as out:
            start = time.process_time()
            train(of_length(recipe, steps), data, Path(out))
            took.append(time.process_time() - start)
    return (took[1] - took[0]) / 40


def run(base: str, change: dict[str, Any], seconds: float, data: Path, val: Path) -> dict[str, Any]:
    """Train with a change for a time and return what came out."""
    recipe = changed(read_recipe(ROOT / "recipes" / f"{base}.toml"), change)
    each = step_seconds(recipe, data)
    steps = int(seconds / each)
    with tempfile.TemporaryDirectory() as out:
        start = time.process_time()
        result = train(of_length(recipe, steps), data, Path(out), validation=val)
        took = time.process_time() - start
    return {"steps": steps, "step_seconds": each, "seconds": took, **result.metrics}


def table(results: list[dict[str, Any]]) -> str:
    """Return the results as a Markdown table."""
    lines = [
        "| recipe | change | steps | s/step | HR PSNR-Y | LR PSNR-Y |",
        "|---|---|---|---|---|---|",
    ]
    for one in results:
        lines.append(
            f"| {one['base']} | {one['change']} | {one['steps']} | {one['step_seconds']:.3f} | "
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
    options = parser.parse_args()
    lines = RESULTS.read_text().splitlines() if RESULTS.exists() else []
    results = [json.loads(line) for line in lines]
    if options.table:
        print(table(results))
        return
    set_threads(1)
    done = {(one["base"], one["change"], one["length"]) for one in results}
    for base, name, change in CHANGES:
        if (base, name, options.seconds) in done:
            continue
        got = run(base, change, options.seconds, options.data, options.validation)
        entry = {"base": base, "change": name, "length": options.seconds, **got}
        with RESULTS.open("a") as stream:
            stream.write(json.dumps(entry) + "\n")
        print(table([entry]).splitlines()[-1], flush=True)


if __name__ == "__main__":
    main()
