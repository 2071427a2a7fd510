"""The training loop."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from irrm_core.errors import Cancelled, OutputExistsError, UsageError
from irrm_core.networks import RescalingNetwork, build
from irrm_core.progress import Cancel, NoProgress, Progress
from irrm_core.training import checkpoint as checkpoints
from irrm_core.training.average import MovingAverage
from irrm_core.training.curve import draw_curve, read_log
from irrm_core.training.losses import rescaling_loss, round_trip
from irrm_core.training.optimiser import Optimiser
from irrm_core.training.patches import PatchSource
from irrm_core.training.recipe import Recipe
from irrm_core.training.schedule import learning_rate
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
    data: str | Path,
    out: str | Path,
    *,
    validation: str | Path | None = None,
    resume: bool = False,
    start_from: str | Path | None = None,
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
    data : path
        Folder of training images.
    out : path
        Folder of the run.
    validation : path, optional
        Folder of validation images; without it the run is logged by its losses alone.
    resume : bool
        Go on from the checkpoint in `out`: exactly, if the optimiser's state is there, else
        with a short warm-up.
    start_from : path, optional
        Weights (safetensors) to start from.
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
    Cancelled
        After a checkpoint was written.
    """
    out = Path(out)
    progress, cancel = progress or NoProgress(), cancel or Cancel()
    if not resume and (out / "run.json").exists():
        raise OutputExistsError(f"{out}: holds a run already; resume it or choose another folder")
    network = _network(recipe, start_from)
    network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    average = MovingAverage(network, recipe.optimiser.ema)
    optimiser = Optimiser(network, recipe.optimiser)
    first, resumed_at = 0, None
    if resume:
        kept = checkpoints.load(out)
        _load(network, kept.weights, out)
        for name, value in kept.ema.items():
            average.state[name].copy_(value)
        first = kept.step
        if kept.optimiser is None:
            resumed_at = first
        else:
            optimiser.load_state_dict(kept.optimiser)
    source = PatchSource(
        data, recipe.data, channels=network.channels, scale=network.scale, seed=recipe.seed
    )
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
    run = _Run(recipe, out, network, average, optimiser, watch, report)
    steps = recipe.optimiser.steps
    if first >= steps and run.latest.get("step") != first:
        # A kill during the last measurement left a whole checkpoint that nobody measured.
        run.measure(first)
    progress.begin(f"training {recipe.model.name}", steps)
    progress.advance(first)
    try:
        for step in range(first, steps):
            if cancel.cancelled:
                run.checkpoint(step)
                raise Cancelled(f"cancelled after step {step}; {out} can be resumed from there")
            rate = learning_rate(recipe.optimiser, step, resumed_at)
            run.step(source, step, rate, device)
            progress.advance()
            if (step + 1) % recipe.validation.every == 0 or step + 1 == steps:
                run.measure(step + 1)
    finally:
        progress.end()
    return Result(out, max(steps, first), run.latest)


def _network(recipe: Recipe, start_from: str | Path | None) -> RescalingNetwork:
    """Build the recipe's network, seeded, and see that the recipe fits it."""
    torch.manual_seed(recipe.seed)
    name = recipe.model.name
    try:
        network = build(recipe.model.architecture, recipe.model.parameters)
    except ValueError as error:
        raise UsageError(f"recipe {name}: {error}") from error
    if recipe.data.patch % network.size_multiple:
        raise UsageError(
            f"recipe {name}: data.patch is {recipe.data.patch}, "
            f"but the network takes multiples of {network.size_multiple}"
        )
    if recipe.data.microscopy and network.channels != 1:
        raise UsageError(
            f"recipe {name}: data.microscopy is for single-channel networks, "
            f"this one has {network.channels}"
        )
    if start_from is not None:
        try:
            _load(network, load_file(start_from), start_from)
        except SafetensorError as error:
            raise UsageError(f"{start_from}: not a safetensors file: {error}") from error
    return network


def _load(network: RescalingNetwork, weights: dict[str, Tensor], where: str | Path) -> None:
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise UsageError(f"{where}: weights of another network than the recipe's") from error


class _Run:
    """The moving parts of one run."""

    def __init__(
        self,
        recipe: Recipe,
        out: Path,
        network: RescalingNetwork,
        average: MovingAverage,
        optimiser: Optimiser,
        watch: Validation | None,
        report: Callable[[dict[str, float]], None] | None,
    ) -> None:
        self.recipe = recipe
        self.out = out
        self.network = network
        self.average = average
        self.optimiser = optimiser
        self.watch = watch
        self.report = report
        self.sums: dict[str, float] = {}
        self.count = 0
        self.skipped = 0
        self.since = time.perf_counter()
        log = read_log(out / "log.jsonl")
        self.latest: dict[str, float] = log[-1] if log else {}

    def step(self, source: PatchSource, step: int, rate: float, device: str) -> None:
        """Take one optimisation step; a step that is not finite is skipped and counted."""
        batch = source.batch(step).to(device)
        with self._autocast(device):
            latent, seed = self.recipe.loss.latent_policy, self.recipe.seed
            trip = round_trip(self.network, batch, latent, seed, step)
            total, terms = rescaling_loss(trip, batch, self.recipe.loss)
        self.optimiser.zero_grad()
        total.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(self.optimiser.trained, self.recipe.optimiser.clip)
        if not bool(torch.isfinite(norm)) or not bool(torch.isfinite(total)):
            self.skipped += 1
            return
        self.optimiser.step(rate)
        self.average.update(self.network, step)
        for name, value in {**terms, "norm": norm}.items():
            self.sums[name] = self.sums.get(name, 0.0) + float(value)
        self.count += 1

    def _autocast(self, device: str) -> contextlib.AbstractContextManager[Any]:
        if self.recipe.precision != "bf16":
            return contextlib.nullcontext()
        return torch.autocast(torch.device(device).type, dtype=torch.bfloat16)

    def measure(self, step: int) -> None:
        """Write a checkpoint, validate the moving average, and extend log and curve."""
        self.checkpoint(step)
        entry: dict[str, float] = {
            "step": step,
            "seconds": round(time.perf_counter() - self.since, 1),
            "skipped": self.skipped,
            "learning_rate": self.optimiser.rate,
        }
        entry |= {f"loss_{k}": v / max(1, self.count) for k, v in self.sums.items()}
        if self.watch is not None:
            now = {name: value.clone() for name, value in self.network.state_dict().items()}
            self.network.load_state_dict(self.average.state)
            entry |= self.watch.measure(self.network)
            self.network.load_state_dict(now)
        self.latest = entry
        log = self.out / "log.jsonl"
        with log.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")
        draw_curve(read_log(log), self.out / "curve.png")
        if self.report is not None:
            self.report(entry)
        self.sums, self.count, self.since = {}, 0, time.perf_counter()

    def checkpoint(self, step: int) -> None:
        """Write what a continuation needs."""
        state: dict[str, Tensor] = self.network.state_dict()
        checkpoints.save(
            self.out,
            self.recipe,
            checkpoints.Checkpoint(step, state, self.average.state, self.optimiser.state_dict()),
        )
