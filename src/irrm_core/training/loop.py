"""The training loop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

import torch

from irrm_core.errors import Cancelled, OutputExistsError, UsageError
from irrm_core.networks import RescalingNetwork
from irrm_core.progress import Cancel, NoProgress, Progress
from irrm_core.training.objective import Distortion, Objective
from irrm_core.training.patches import PatchSource
from irrm_core.training.perceptual import Features, Perceptual
from irrm_core.training.pictures import Pictures
from irrm_core.training.recipe import Recipe
from irrm_core.training.run import Run
from irrm_core.training.start import starting_network
from irrm_core.training.validation import Validation


@dataclass(frozen=True)
class Result:
    """How a run ended.

    Attributes
    ----------
    folder : Path
        Holds the checkpoint, the log and the curve.
    step : int
        Steps taken in all.
    metrics : dict
        The last validation.
    """

    folder: Path
    step: int
    metrics: dict[str, float]


def train(
    recipe: Recipe,
    data: str | Path | Pictures,
    out: str | Path,
    *,
    validation: str | Path | Pictures | None = None,
    resume: bool = False,
    start_from: str | Path | None = None,
    features: Features | None = None,
    device: str = "cpu",
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    report: Callable[[dict[str, float]], None] | None = None,
) -> Result:
    """Train a network by a recipe.

    The folder `out` gets ``weights.safetensors``, ``ema.safetensors`` (what is shipped),
    ``optimiser.pt``, ``run.json``, ``log.jsonl`` and ``curve.png``, renewed at every
    validation and when the run is cancelled.

    Parameters
    ----------
    recipe : Recipe
        Network, data, losses and schedule.
    data : path or Pictures
        Folder of training images, or what `load_pictures` read.
    out : path
        Folder of the run.
    validation : path or Pictures, optional
        Validation images; without them the run is logged by its losses alone.
    resume : bool
        Go on from the checkpoint in `out`: exactly, if the optimiser's state is there, else
        with a short warm-up.
    start_from : path, optional
        Weights (safetensors) to start from; they are measured before the first step.
    features : Features, optional
        What a perceptual recipe compares pictures by, in place of what it names.
    device : str
        A torch device.
    progress, cancel
        See `irrm_core.progress`.
    report : callable, optional
        Gets each log entry.

    Raises
    ------
    OutputExistsError
        `out` already holds a run and `resume` is false.
    UsageError
        The recipe fits no network or its patches do not fit the network; there are no
        images large enough; there is no run to resume; or the weights to start from are of
        another network.
    OSError
        `out` cannot be written to; nothing was trained.
    Cancelled
        After a checkpoint was written.
    """
    out = Path(out)
    progress, cancel = progress or NoProgress(), cancel or Cancel()
    if not resume and (out / "run.json").exists():
        raise OutputExistsError(f"{out}: holds a run already; resume it or choose another folder")
    network = starting_network(recipe, start_from)
    network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    objective = _objective(recipe, network, features)
    watch = None
    if validation is not None:
        watch = Validation(
            validation,
            count=recipe.validation.images,
            channels=network.channels,
            scale=network.scale,
            multiple=network.size_multiple,
            latent=recipe.loss.latent_policy,
        )
    run = Run(recipe, out, network, objective, watch, report)
    first = run.resume() if resume else 0
    source = PatchSource(
        data, recipe.data, channels=network.channels, scale=network.scale, seed=recipe.seed
    )
    # A folder that cannot be written to is told now, and not after the first thousand steps.
    out.mkdir(parents=True, exist_ok=True)
    with TemporaryFile(dir=out):
        pass
    steps = recipe.optimiser.steps
    if first >= steps and run.latest.get("step") != first:
        # A kill during the last measurement left a whole checkpoint that nobody measured.
        run.measure(first)
    elif start_from is not None and watch is not None and not resume:
        run.measure(0)
    progress.begin(f"training {recipe.model.name}", steps)
    progress.advance(first)
    try:
        for step in range(first, steps):
            if cancel.cancelled:
                run.checkpoint(step)
                raise Cancelled(f"cancelled after step {step}; {out} can be resumed from there")
            run.step(source.batch(step).to(device), step)
            progress.advance()
            if (step + 1) % recipe.validation.every == 0 or step + 1 == steps:
                run.measure(step + 1)
    finally:
        progress.end()
    return Result(out, max(steps, first), run.latest)


def _objective(recipe: Recipe, network: RescalingNetwork, features: Features | None) -> Objective:
    if recipe.perceptual is not None:
        return Perceptual(recipe, recipe.perceptual, network, features)
    if features is not None:
        raise UsageError(
            f"recipe {recipe.model.name}: features were given, but it has no table [perceptual]"
        )
    return Distortion(recipe, network)
