"""What a training run keeps on disk, so that it can go on after any interruption.

``weights.safetensors`` and ``ema.safetensors`` are enough to go on anywhere;
``optimiser.pt`` beside them makes the continuation exact: it holds the state of the optimiser,
and of the discriminator where there is one. Every file is replaced whole.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from irrm_core.errors import ModelFileError, UsageError
from irrm_core.training.recipe import Recipe


@dataclass
class Checkpoint:
    """A run at one step.

    Attributes
    ----------
    step : int
        Steps taken.
    weights, ema : dict of Tensor
        State dicts of the network and of its moving average.
    objective : dict, optional
        State of the objective; None when it did not travel.
    """

    step: int
    weights: dict[str, Tensor]
    ema: dict[str, Tensor]
    objective: dict[str, Any] | None


OBJECTIVE = "optimiser.pt"
"""File of a checkpoint without which a run goes on too, but not exactly."""


def save(folder: Path, recipe: Recipe, checkpoint: Checkpoint) -> None:
    """Write a checkpoint; the step is put in place last, and names what belongs together.

    All files are written before the first takes its name, so that a kill has only the moment of
    the renaming to leave files of two steps.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for name, state in (("weights", checkpoint.weights), ("ema", checkpoint.ema)):
        tensors = {key: value.detach().contiguous().cpu() for key, value in state.items()}
        names.append(f"{name}.safetensors")
        save_file(tensors, folder / f"{names[-1]}.part", metadata={"step": str(checkpoint.step)})
    if checkpoint.objective is not None:
        names.append(OBJECTIVE)
        kept = {"step": checkpoint.step, "state": checkpoint.objective}
        torch.save(kept, folder / f"{OBJECTIVE}.part")
    names.append("run.json")
    run = {"step": checkpoint.step, "recipe": asdict(recipe)}
    (folder / "run.json.part").write_text(json.dumps(run, indent=1))
    for name in names:
        (folder / f"{name}.part").replace(folder / name)


def load(folder: Path) -> Checkpoint:
    """Read the newest checkpoint of a run.

    Raises
    ------
    UsageError
        The folder holds none.
    ModelFileError
        One of its files is damaged.
    """
    run = folder / "run.json"
    if not run.is_file():
        raise UsageError(f"{folder}: holds no run to resume; start one without resuming")
    with _whole(run, _START_ANEW):
        step = int(json.loads(run.read_text())["step"])
    objective = None
    if (kept := folder / OBJECTIVE).is_file():
        with _whole(kept, "remove it to go on with a short warm-up"):
            state = torch.load(kept, weights_only=True)
            # A kill between two files leaves a newer state beside an older step.
            if state["step"] == step:
                objective = state["state"]
    return Checkpoint(step, _tensors(folder, "weights"), _tensors(folder, "ema"), objective)


_START_ANEW = "start another run, with --from and what is whole of this one"


def _tensors(folder: Path, name: str) -> dict[str, Tensor]:
    path = folder / f"{name}.safetensors"
    with _whole(path, _START_ANEW):
        return load_file(path)


@contextlib.contextmanager
def _whole(path: Path, instead: str) -> Iterator[None]:
    """Say which file of a checkpoint is damaged, and what to do; readers fail in many ways."""
    try:
        yield
    except Exception as error:
        raise ModelFileError(f"{path}: missing or damaged; {instead}") from error
