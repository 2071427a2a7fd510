"""A run under way: its steps, its measurements, its log and its checkpoints."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

from torch import Tensor

from irrm_core.errors import UsageError
from irrm_core.networks import RescalingNetwork
from irrm_core.training import checkpoint as checkpoints
from irrm_core.training.average import MovingAverage
from irrm_core.training.curve import draw_curve, read_log
from irrm_core.training.objective import Objective
from irrm_core.training.patches import Batch
from irrm_core.training.recipe import Recipe
from irrm_core.training.start import put_weights
from irrm_core.training.validation import Validation


class Run:
    """A network, what it strives for, and the folder in which that is written down.

    Parameters
    ----------
    recipe : Recipe
        Kept with every checkpoint.
    folder : path
        Of the run.
    network : RescalingNetwork
        On its device.
    objective : Objective
        Of this network.
    watch : Validation, optional
        What the moving average is measured by.
    report : callable, optional
        Gets each log entry.
    """

    def __init__(
        self,
        recipe: Recipe,
        folder: Path,
        network: RescalingNetwork,
        objective: Objective,
        watch: Validation | None,
        report: Callable[[dict[str, float]], None] | None,
    ) -> None:
        self.recipe = recipe
        self.folder = folder
        self.network = network
        self.objective = objective
        self.average = MovingAverage(network, recipe.optimiser.ema)
        self.watch = watch
        self.report = report
        self.means = _Means()
        self.skipped = 0
        self.since = time.perf_counter()
        log = read_log(folder / "log.jsonl")
        self.latest: dict[str, float] = log[-1] if log else {}

    def resume(self) -> int:
        """Take up the newest checkpoint; return how many steps it has taken."""
        kept = checkpoints.load(self.folder)
        put_weights(self.network, kept.weights, self.folder)
        for name, value in kept.ema.items():
            self.average.state[name].copy_(value)
        try:
            self.objective.resume(kept.objective, kept.step)
        except (KeyError, ValueError, RuntimeError) as error:
            raise UsageError(
                f"{self.folder / checkpoints.OBJECTIVE}: kept by a recipe with another optimiser "
                "or discriminator; resume with that recipe, or remove the file to go on with a "
                "short warm-up"
            ) from error
        return kept.step

    def step(self, batch: Batch, step: int) -> None:
        """Take one step; one that is not finite is skipped and counted."""
        terms = self.objective.step(batch, step)
        if terms is None:
            self.skipped += 1
            return
        self.average.update(self.network, step)
        self.means.add(terms)

    def measure(self, step: int) -> None:
        """Write a checkpoint, validate the moving average, and extend log and curve."""
        self.checkpoint(step)
        entry: dict[str, float] = {
            "step": step,
            "seconds": round(time.perf_counter() - self.since, 1),
            "skipped": self.skipped,
            "learning_rate": self.objective.rate,
        }
        entry |= {f"loss_{name}": mean for name, mean in self.means.take().items()}
        if self.watch is not None:
            now = {name: value.clone() for name, value in self.network.state_dict().items()}
            self.network.load_state_dict(self.average.state)
            entry |= self.watch.measure(self.network)
            self.network.load_state_dict(now)
        self.latest = entry
        log = self.folder / "log.jsonl"
        with log.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")
        draw_curve(read_log(log), self.folder / "curve.png")
        if self.report is not None:
            self.report(entry)
        self.since = time.perf_counter()

    def checkpoint(self, step: int) -> None:
        """Write what a continuation needs."""
        state: dict[str, Tensor] = self.network.state_dict()
        checkpoints.save(
            self.folder,
            self.recipe,
            checkpoints.Checkpoint(step, state, self.average.state, self.objective.state_dict()),
        )


class _Means:
    """Means of what was logged since they were last taken, each over the steps that had it."""

    def __init__(self) -> None:
        self.sums: dict[str, float] = {}
        self.counts: dict[str, int] = {}

    def add(self, terms: dict[str, Tensor]) -> None:
        for name, value in terms.items():
            self.sums[name] = self.sums.get(name, 0.0) + float(value)
            self.counts[name] = self.counts.get(name, 0) + 1

    def take(self) -> dict[str, float]:
        means = {name: total / self.counts[name] for name, total in self.sums.items()}
        self.sums, self.counts = {}, {}
        return means
