from __future__ import annotations

import json
import math
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from irrm_core.errors import Cancelled, IrrmError, OutputExistsError, UsageError
from irrm_core.networks import build
from irrm_core.progress import Cancel
from irrm_core.training import Recipe, train
from irrm_core.training.average import MovingAverage
from irrm_core.training.recipe import (
    DataRecipe,
    ModelRecipe,
    OptimiserRecipe,
    ValidationRecipe,
)
from irrm_core.training.schedule import REWARM, learning_rate

KEPT = ("weights.safetensors", "ema.safetensors", "optimiser.pt", "run.json")


def small_recipe(
    *,
    steps: int = 4,
    every: int = 100,
    precision: Literal["bf16", "fp32"] = "fp32",
    channels: int = 3,
    microscopy: bool = False,
    learning_rate: float = 2e-3,
    patch: int = 24,
) -> Recipe:
    return Recipe(
        model=ModelRecipe(
            "tiny", "irrm", {"scale": 2, "blocks": [1], "channels": channels, "width": 8}
        ),
        data=DataRecipe(patch=patch, batch=4, copies=(1.0, 0.75), microscopy=microscopy),
        optimiser=OptimiserRecipe(steps=steps, learning_rate=learning_rate, warmup=4),
        validation=ValidationRecipe(every=every, images=2),
        precision=precision,
    )


def log_of(run: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]


class CancelAt:
    """A progress view that asks to stop after some steps, as a person would."""

    def __init__(self, cancel: Cancel, steps: int) -> None:
        self.cancel, self.left = cancel, steps

    def begin(self, what: str, total: int) -> None: ...

    def advance(self, steps: int = 1) -> None:
        self.left -= steps
        if self.left == 0:
            self.cancel.cancel()

    def end(self) -> None: ...


def run_in_two_parts(recipe: Recipe, photographs: Path, out: Path, first: int) -> None:
    cancel = Cancel()
    with pytest.raises(Cancelled, match=f"after step {first};.*resumed"):
        train(recipe, photographs, out, cancel=cancel, progress=CancelAt(cancel, first))


def test_the_loss_falls_and_restoring_gets_better(photographs: Path, tmp_path: Path) -> None:
    untrained = train(
        small_recipe(steps=1, learning_rate=0), photographs, tmp_path / "0", validation=photographs
    )
    recipe = small_recipe(steps=80, every=20)
    result = train(recipe, photographs, tmp_path / "run", validation=photographs)
    log = log_of(result.folder)
    assert [entry["step"] for entry in log] == [20, 40, 60, 80]
    assert log[-1]["loss_hr"] < 0.8 * log[0]["loss_hr"]
    assert result.step == 80
    assert result.metrics["psnr_y"] > untrained.metrics["psnr_y"] + 3


def test_a_run_writes_its_log_and_a_curve(photographs: Path, tmp_path: Path) -> None:
    reported: list[dict[str, float]] = []
    train(
        small_recipe(steps=6, every=1),
        photographs,
        tmp_path / "run",
        validation=photographs,
        report=reported.append,
    )
    assert reported == log_of(tmp_path / "run")
    curve = np.asarray(Image.open(tmp_path / "run" / "curve.png").convert("RGB"))
    colours = {tuple(colour) for colour in curve.reshape(-1, 3).tolist()}
    assert {(31, 119, 180), (214, 39, 40)} <= colours


def test_a_cancelled_and_resumed_run_equals_an_uninterrupted_one_to_the_bit(
    photographs: Path, tmp_path: Path
) -> None:
    recipe = small_recipe(steps=12)
    train(recipe, photographs, tmp_path / "whole")
    run_in_two_parts(recipe, photographs, tmp_path / "parts", first=6)
    train(recipe, photographs, tmp_path / "parts", resume=True)
    for name in ("weights.safetensors", "ema.safetensors"):
        whole = load_file(tmp_path / "whole" / name)
        parts = load_file(tmp_path / "parts" / name)
        assert whole.keys() == parts.keys()
        assert all(torch.equal(whole[key], parts[key]) for key in whole)


def test_a_run_goes_on_elsewhere_from_weights_and_average_alone(
    photographs: Path, tmp_path: Path
) -> None:
    recipe = small_recipe(steps=12, every=1)
    run_in_two_parts(recipe, photographs, tmp_path / "run", first=6)
    (tmp_path / "run" / "optimiser.pt").unlink()
    reported: list[dict[str, float]] = []
    result = train(recipe, photographs, tmp_path / "run", resume=True, report=reported.append)
    assert result.step == 12
    rates = [entry["learning_rate"] for entry in reported]
    assert rates == [learning_rate(recipe.optimiser, step, 6) for step in range(6, 12)]
    assert rates[0] < 0.01 * learning_rate(recipe.optimiser, 6)


def test_an_optimiser_of_another_step_is_not_trusted(photographs: Path, tmp_path: Path) -> None:
    recipe = small_recipe(steps=8, every=1)
    run_in_two_parts(recipe, photographs, tmp_path / "run", first=4)
    run = tmp_path / "run" / "run.json"
    # What a kill between two files leaves: weights of step 4, an optimiser of another.
    run.write_text(json.dumps(json.loads(run.read_text()) | {"step": 3}))
    reported: list[dict[str, float]] = []
    train(recipe, photographs, tmp_path / "run", resume=True, report=reported.append)
    assert reported[0]["learning_rate"] == learning_rate(recipe.optimiser, 3, 3)


def test_black_frames_that_come_back_exactly_leave_the_figures_finite(
    photographs: Path, tmp_path: Path
) -> None:
    (tmp_path / "held").mkdir()
    Image.new("RGB", (48, 48)).save(tmp_path / "held" / "black.png")
    recipe = small_recipe(steps=1, learning_rate=0)
    train(recipe, photographs, tmp_path / "run", validation=tmp_path / "held")
    (entry,) = log_of(tmp_path / "run")
    assert (entry["psnr_y"], entry["lr_psnr_y"]) == (100, 100)
    assert all(map(math.isfinite, entry.values()))


def test_a_folder_that_cannot_be_written_to_is_told_before_the_first_step(
    photographs: Path, tmp_path: Path
) -> None:
    (tmp_path / "run").write_text("a file of that name")
    seen = CancelAt(Cancel(), 1)
    with pytest.raises(OSError, match="run"):
        train(small_recipe(), photographs, tmp_path / "run", progress=seen)
    assert not seen.cancel.cancelled


def test_cancelling_leaves_a_whole_checkpoint(photographs: Path, tmp_path: Path) -> None:
    run_in_two_parts(small_recipe(), photographs, tmp_path / "run", first=2)
    assert {path.name for path in (tmp_path / "run").iterdir()} == set(KEPT)
    assert json.loads((tmp_path / "run" / "run.json").read_text())["step"] == 2


def test_resuming_a_finished_run_changes_nothing_and_tells_its_metrics(
    photographs: Path, tmp_path: Path
) -> None:
    recipe = small_recipe()
    finished = train(recipe, photographs, tmp_path, validation=photographs)
    before = {name: (tmp_path / name).read_bytes() for name in (*KEPT, "log.jsonl")}
    again = train(recipe, photographs, tmp_path, validation=photographs, resume=True)
    assert again == finished
    assert {name: (tmp_path / name).read_bytes() for name in before} == before


def test_a_run_killed_while_it_was_measured_last_is_measured_on_resuming(
    photographs: Path, tmp_path: Path
) -> None:
    recipe = small_recipe()
    finished = train(recipe, photographs, tmp_path, validation=photographs)
    (tmp_path / "log.jsonl").unlink()
    again = train(recipe, photographs, tmp_path, validation=photographs, resume=True)
    assert again.step == finished.step
    assert again.metrics["psnr_y"] == pytest.approx(finished.metrics["psnr_y"])
    assert [entry["step"] for entry in log_of(tmp_path)] == [finished.step]


@pytest.mark.parametrize("name", [*KEPT, "log.jsonl"])
def test_a_damaged_checkpoint_is_refused_by_file(
    photographs: Path, tmp_path: Path, name: str
) -> None:
    recipe = small_recipe(steps=1)
    train(recipe, photographs, tmp_path)
    content = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(IrrmError, match=name):
        train(recipe, photographs, tmp_path, resume=True)


def test_training_starts_from_given_weights(photographs: Path, tmp_path: Path) -> None:
    recipe = small_recipe(steps=1, learning_rate=0.0)
    network = build(recipe.model.architecture, recipe.model.parameters)
    with torch.no_grad():
        for parameter in network.parameters():
            if parameter.requires_grad:
                parameter.add_(0.01)
    start = tmp_path / "start.safetensors"
    save_file(network.state_dict(), start)
    train(recipe, photographs, tmp_path / "run", start_from=start)
    trained = load_file(tmp_path / "run" / "weights.safetensors")
    assert all(torch.equal(trained[key], value) for key, value in load_file(start).items())


def test_steps_that_are_not_finite_are_skipped_and_counted(
    photographs: Path, tmp_path: Path
) -> None:
    recipe = small_recipe(steps=3)
    network = build(recipe.model.architecture, recipe.model.parameters)
    weights = network.state_dict()
    poisoned = next(name for name, p in network.named_parameters() if p.requires_grad)
    weights[poisoned] = torch.full_like(weights[poisoned], math.nan)
    start = tmp_path / "start.safetensors"
    save_file(weights, start)
    result = train(recipe, photographs, tmp_path / "run", start_from=start)
    assert result.metrics["skipped"] == 3
    trained = load_file(tmp_path / "run" / "weights.safetensors")
    untouched = [name for name in trained if name != poisoned]
    assert all(torch.equal(trained[name], weights[name]) for name in untouched)


def test_subnets_train_in_bfloat16(photographs: Path, tmp_path: Path) -> None:
    train(small_recipe(steps=8, precision="bf16"), photographs, tmp_path / "half")
    train(small_recipe(steps=8, precision="fp32"), photographs, tmp_path / "full")
    half, full = log_of(tmp_path / "half")[-1], log_of(tmp_path / "full")[-1]
    assert half["skipped"] == 0
    assert half["loss_hr"] != full["loss_hr"]
    assert half["loss_hr"] == pytest.approx(full["loss_hr"], rel=0.05)


def test_a_single_channel_network_trains_on_imitated_microscopy(
    photographs: Path, tmp_path: Path
) -> None:
    recipe = small_recipe(steps=4, channels=1, microscopy=True)
    result = train(recipe, photographs, tmp_path / "run", validation=photographs)
    assert math.isfinite(result.metrics["psnr_y"])


def test_the_loop_needs_four_libraries_only(photographs: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(
        """
        precision = "fp32"
        model = { name = "tiny", architecture = "irrm", parameters = { scale = 2, blocks = [1] } }
        data = { patch = 16, batch = 1 }
        optimiser = { steps = 1 }
        """
    )
    code = """
import sys
from importlib.metadata import packages_distributions, requires
from re import match

lines = [line.lower() for line in requires("napari-irrm") if "extra ==" not in line]
# torch itself needs filelock.
needed = {"torch", "filelock", "numpy", "pillow", "safetensors"}
forbidden = {match("[a-z]+", line)[0] for line in lines} - needed
assert {"typer", "platformdirs", "tifffile", "imageio"} <= forbidden
for module, distributions in packages_distributions().items():
    if forbidden & {name.lower() for name in distributions}:
        sys.modules[module] = None

from irrm_core.training import read_recipe, train

train(read_recipe(sys.argv[1]), sys.argv[2], sys.argv[3], validation=sys.argv[2])
"""
    arguments = [sys.executable, "-c", code, *map(str, (recipe, photographs, tmp_path / "run"))]
    done = subprocess.run(
        arguments,
        cwd=Path(__file__).parents[2] / "src",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "run" / "ema.safetensors").is_file()


def test_a_folder_with_a_run_is_not_overwritten(photographs: Path, tmp_path: Path) -> None:
    train(small_recipe(steps=1), photographs, tmp_path)
    before = (tmp_path / "weights.safetensors").read_bytes()
    with pytest.raises(OutputExistsError, match="resume it"):
        train(small_recipe(steps=1), photographs, tmp_path)
    assert (tmp_path / "weights.safetensors").read_bytes() == before


def test_what_cannot_be_trained_is_refused_before_it_starts(
    photographs: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    other = tmp_path / "other.safetensors"
    save_file({"some": torch.zeros(1)}, other)
    with pytest.raises(UsageError, match="no run to resume"):
        train(small_recipe(), photographs, out, resume=True)
    with pytest.raises(UsageError, match="multiples of 2"):
        train(small_recipe(patch=25), photographs, out)
    with pytest.raises(UsageError, match="single-channel"):
        train(small_recipe(microscopy=True), photographs, out)
    with pytest.raises(UsageError, match="another network"):
        train(small_recipe(), photographs, out, start_from=other)
    assert not out.exists()


def test_the_learning_rate_warms_up_and_falls_along_a_cosine() -> None:
    recipe = OptimiserRecipe(steps=1000, learning_rate=1.0, warmup=100, final_fraction=0.1)
    rates = [learning_rate(recipe, step) for step in range(1000)]
    assert rates[0] == pytest.approx(0.01)
    assert rates[99] == max(rates) == pytest.approx(1.0)
    assert rates[550] == pytest.approx(0.55, abs=1e-3)
    assert rates[-1] == pytest.approx(0.1, abs=1e-3)
    assert all(later <= earlier for earlier, later in pairwise(rates[99:]))
    assert learning_rate(recipe, 300, resumed_at=300) == pytest.approx(rates[300] / REWARM)
    assert learning_rate(recipe, 300 + REWARM, resumed_at=300) == rates[300 + REWARM]


def test_the_moving_average_follows_the_weights() -> None:
    network = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.zeros_(network.weight)
    average = MovingAverage(network, decay=0.9)
    torch.nn.init.ones_(network.weight)
    average.update(network, step=0)
    # Early on the decay is (1 + t)/(10 + t), so that the start is forgotten quickly.
    assert float(average.state["weight"]) == pytest.approx(0.9)
    for _ in range(200):
        average.update(network, step=10_000)
    assert float(average.state["weight"]) == pytest.approx(1.0)
