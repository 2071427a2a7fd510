"""``irrm train``: train a network, or go on with a model on one's own pictures."""

from __future__ import annotations

import shlex
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Callable

    from irrm_core.progress import Progress


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(train)


def train(
    data: Annotated[
        Path, typer.Option(help="Folder of pictures: 8 or 16 bits or float, photographs or stacks.")
    ],
    out: Annotated[Path, typer.Option(help="Folder of the run; its model goes to OUT/models.")],
    recipe: Annotated[
        Path | None,
        typer.Argument(
            metavar="RECIPE",
            help="TOML file, such as those in recipes/. Not needed with --from or --resume.",
        ),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="MODEL",
            help="Go on with a model: its id, name, weights hash or folder, or safetensors.",
        ),
    ] = None,
    name: Annotated[str | None, typer.Option(help="What the new model is called.")] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Length of the whole run.")] = None,
    validation: Annotated[
        Path | None,
        typer.Option(help="Folder of pictures to measure with; by default some of DATA are."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the run in OUT, or register its model.")
    ] = False,
    skip_unreadable: Annotated[
        bool, typer.Option("--skip-unreadable", help="Leave out files that cannot be read.")
    ] = False,
    install: Annotated[
        bool,
        typer.Option(
            "--install/--no-install",
            help="Put the model among yours, where its name finds it from everywhere.",
        ),
    ] = True,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
    json: Annotated[bool, typer.Option("--json", help="One JSON document at the end.")] = False,
) -> None:
    """Train a network, or fine-tune a model on your pictures; Ctrl-C keeps what is done."""
    from irrm_core.cli.console import interruptible, say, show_progress, write, write_json

    with interruptible() as cancel:
        from irrm_core.device import choose_device
        from irrm_core.errors import Cancelled
        from irrm_core.training import install_model, is_reserved, plan, register_run
        from irrm_core.training import train as run
        from irrm_core.training.curve import read_log
        from irrm_core.training.register import MODELS

        def tell(text: str) -> None:
            if not json:
                say(text)

        choice = choose_device(device)
        with show_progress(quiet=json) as progress:
            job = plan(
                data,
                out,
                recipe=recipe,
                start_from=start,
                name=name,
                steps=steps,
                validation=validation,
                resume=resume,
                skip_unreadable=skip_unreadable,
                device=choice.device,
                progress=progress,
                cancel=cancel,
            )
            called = job.recipe.model.name
            if install and is_reserved(called):
                install = False
                tell(f"{called} is what a released model is called: its model stays in {out}")
            for line in job.told:
                tell(line)
            tell(f"training {called} on {choice}; Ctrl-C keeps what is done")
            try:
                result = run(
                    job.recipe,
                    job.training,
                    out,
                    validation=job.held,
                    resume=resume,
                    start_from=job.start_from,
                    device=choice.device,
                    progress=_Forecast(progress, tell),
                    cancel=cancel,
                    report=lambda entry: tell(_line(entry)),
                )
            except Cancelled as stopped:
                words = _again(data, out, validation, skip_unreadable, install)
                raise Cancelled(f"{stopped}: {words}") from stopped
        card = register_run(job.recipe, out, job.held or job.training)
        first = next(iter(read_log(out / "log.jsonl")), {})
    before = first if first.get("step") == 0 else {}
    folder = out / MODELS / card.id
    installed = install_model(out, card) if install else None
    if json:
        write_json(
            {
                "model": card.id,
                "folder": folder,
                "installed": installed,
                "weights_hash": card.weights_hash,
                "base": card.training["recipe"]["model"]["base"] or None,
                "steps": result.step,
                "before": before,
                "metrics": result.metrics,
            }
        )
        return
    write(f"{card.id} after {result.step} steps is in {folder}")
    if "psnr_y" in before and "psnr_y" in result.metrics:
        tell(f"HR {before['psnr_y']:.2f} dB before, {result.metrics['psnr_y']:.2f} dB now")
    if installed is not None:
        tell(f"also in {installed}: napari, irrm-watch and --model know it as {card.name}")


class _Forecast:
    """Hands progress on, and says once how long it will take: logs show no bar."""

    _SETTLING, _TIMED = 5, 20

    def __init__(self, shown: Progress, tell: Callable[[str], None]) -> None:
        self._shown, self._tell = shown, tell
        self._calls, self._left, self._since = 0, 0, 0.0

    def begin(self, what: str, total: int) -> None:
        self._calls, self._left = 0, total
        self._shown.begin(what, total)

    def advance(self, steps: int = 1) -> None:
        self._shown.advance(steps)
        self._left -= steps
        self._calls += 1
        if self._calls == self._SETTLING:
            self._since = time.perf_counter()
        elif self._calls == self._SETTLING + self._TIMED:
            each = (time.perf_counter() - self._since) / self._TIMED
            minutes = each * self._left / 60
            rest = f"{minutes:.0f} minutes" if minutes >= 1.5 else f"{minutes * 60:.0f} seconds"
            self._tell(f"{each:.2g} s a step: about {rest} for the other {self._left}")

    def end(self) -> None:
        self._shown.end()


def _again(
    data: Path, out: Path, validation: Path | None, skip_unreadable: bool, install: bool
) -> str:
    """Return the command that goes on with a run, whose recipe lies in its folder."""
    words = ["irrm", "train", "--resume", "--data", str(data), "--out", str(out)]
    words += ["--validation", str(validation)] if validation else []
    words += ["--skip-unreadable"] if skip_unreadable else []
    words += [] if install else ["--no-install"]
    return shlex.join(words)


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
