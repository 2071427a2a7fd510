"""Fine-tune the gray model on 16-bit microscopy, and measure what it brings: minutes, offline.

The microscopy is simulated (``recipes/sample_stack.py``), so that the example needs no data: put
the pictures of your own instrument in its place. Everything is written below one folder, models
too, by the same commands that a terminal would be given.
"""

from __future__ import annotations

import argparse
import os
import runpy
import shlex
import sys
from pathlib import Path

from irrm_core import write_image
from irrm_core.cli import main as irrm

SIMULATION = Path(__file__).resolve().parents[1] / "recipes" / "sample_stack.py"
# A bright dye: of noise no LR holds anything, so with much of it there is little to learn.
PHOTONS = 20_000.0
BASE, NAME = "irrm-fast-gray-x2", "cells-x2"


def simulate(folder: Path, first: int, stacks: int) -> None:
    """Write so many OME-TIFF stacks; no cell is in two of them."""
    simulated = runpy.run_path(str(SIMULATION))["simulated"]
    folder.mkdir(parents=True, exist_ok=True)
    for seed in range(first, first + stacks):
        stack = simulated(seed, PHOTONS)
        write_image(folder / f"cells-{seed}.ome.tif", stack, axes="TYX", overwrite=True)


def run(*words: str | Path) -> None:
    """Run one command, and show it."""
    arguments = [str(word) for word in words]
    print(f"\n$ irrm {shlex.join(arguments)}", flush=True)
    if code := irrm(arguments):
        sys.exit(code)


def main() -> None:
    """Simulate, measure, train, measure again."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, default=Path("finetune-out"))
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--stacks", type=int, default=8, help="to train on")
    given = parser.parse_args()
    mine, others = given.out / "mine", given.out / "others"
    simulate(mine, 1, given.stacks)
    simulate(others, 1001, 2)
    # Where the new model goes; left out, it goes to your own models.
    os.environ["IRRM_MODEL_DIR"] = str(given.out / "models")
    run("eval", others, "--model", BASE)
    run(
        "train", "--from", BASE, "--data", mine, "--out", given.out / "run",
        "--name", NAME, "--steps", str(given.steps),
    )  # fmt: skip
    run("eval", others, "--model", NAME)
    run("downscale", others / "cells-1001.ome.tif", given.out / "small.tif", "--model", NAME)


if __name__ == "__main__":
    main()
