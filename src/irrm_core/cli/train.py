"""``irrm train``: train a network by a recipe, and make a model of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(train)


def train(
    recipe: Annotated[Path, typer.Argument(help="TOML file, such as those in recipes/.")],
    data: Annotated[Path, typer.Option(help="Folder of training photographs.")],
    out: Annotated[Path, typer.Option(help="Folder of the run; its model goes to OUT/models.")],
    validation: Annotated[
        Path | None, typer.Option(help="Folder of photographs to measure the run with.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in OUT.")] = False,
    start: Annotated[
        Path | None, typer.Option("--from", help="Weights (safetensors) to start from.")
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
    json: Annotated[bool, typer.Option("--json", help="One JSON document at the end.")] = False,
) -> None:
    """Train a network by a recipe; Ctrl-C writes a checkpoint that --resume goes on from."""
    from irrm_core.cli.console import interruptible, say, show_progress, write, write_json

    with interruptible() as cancel:
        from irrm_core.device import choose_device
        from irrm_core.training import read_recipe, register_run
        from irrm_core.training import train as run
        from irrm_core.training.register import MODELS

        plan = read_recipe(recipe)
        choice = choose_device(device)
        say(f"training on {choice}")
        with show_progress(quiet=json) as progress:
            result = run(
                plan,
                data,
                out,
                validation=validation,
                resume=resume,
                start_from=start,
                device=choice.device,
                progress=progress,
                cancel=cancel,
                report=None if json else lambda entry: say(_line(entry)),
            )
        card = register_run(plan, out, validation or data)
    folder = out / MODELS / card.id
    if json:
        write_json(
            {
                "model": card.id,
                "folder": folder,
                "weights_hash": card.weights_hash,
                "steps": result.step,
                "metrics": result.metrics,
            }
        )
    else:
        write(f"{card.id} after {result.step} steps is in {folder}")


def _line(entry: dict[str, float]) -> str:
    """Return a log entry for people."""
    words = [f"step {entry['step']:.0f}"]
    if "loss_hr" in entry:
        words.append(f"HR loss {entry['loss_hr']:.5f}")
    if "psnr_y" in entry:
        words.append(f"HR {entry['psnr_y']:.2f} dB, LR {entry['lr_psnr_y']:.2f} dB")
    if entry["skipped"]:
        words.append(f"{entry['skipped']:.0f} steps skipped")
    return ", ".join(words)
