"""``irrm eval``: a model measured on a folder of images."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from irrm_core.evaluation import Evaluation


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(name="eval")(evaluate)


def evaluate(
    folder: Annotated[Path, typer.Argument(help="Folder of original images.")],
    model: Annotated[str, typer.Option(help="Name, id, hash or folder of the model.")],
    also: Annotated[
        str | None,
        typer.Option(help="A second model, measured beside the first on images of over 8 bits."),
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
    precision: Annotated[
        str, typer.Option(help="fp32, as papers measure, or auto, as the other commands run.")
    ] = "fp32",
    seed: Annotated[int, typer.Option(help="Of the latent, where the model is fed noise.")] = 0,
    threads: Annotated[int | None, typer.Option(help="CPU threads; all cores if left out.")] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Measure a model on a folder: downscale and restore every image, and compare.

    8-bit photographs are scored as papers publish it: PSNR and SSIM on luma, the HR without a
    border as wide as the scale, the LR against bicubic. Images of over 8 bits, and stacks,
    are compared in the units of their data, beside bicubic. Nothing is written.
    """
    from irrm_core.cli.console import interruptible, say, show_progress, write, write_json

    with interruptible() as cancel:
        from irrm_core.evaluation import evaluate_folder

        with show_progress(quiet=json) as progress:
            found = evaluate_folder(
                folder,
                model,
                also=also,
                device=device,
                precision=precision,
                seed=seed,
                threads=threads,
                progress=progress,
                cancel=cancel,
            )
    if also and not found.intensities:
        say(f"{folder} has 8-bit photographs only: {also} was not measured; use --model for it")
    if json:
        write_json(found.to_dict())
        return
    write(f"{found.model} (x{found.scale}) on {found.folder}, {found.device}")
    _show(found)


def _show(found: Evaluation) -> None:
    from irrm_core.cli.console import write_table

    if found.scores:
        write_table(
            (
                "image",
                "pixels",
                "PSNR-Y",
                "SSIM-Y",
                "PSNR-RGB",
                "LR PSNR-Y",
                "LR SSIM-Y",
                "bicubic PSNR-Y",
                "bicubic SSIM-Y",
            ),
            _photograph_rows(found),
        )
    if found.intensities:
        write_table(
            (
                "image",
                "channel",
                "method",
                "PSNR",
                "bias",
                "99.9 % error",
                "largest",
                "range",
                "LR PSNR",
            ),
            _intensity_rows(found),
        )


def _photograph_rows(found: Evaluation) -> Iterator[tuple[str, ...]]:
    from irrm_core.evaluation.result import MEANS

    for score in found.scores:
        figures = (_figure(name, getattr(score, name)) for name in MEANS)
        yield score.name, f"{score.width}x{score.height}", *figures
    means = (_figure(name, found.mean(name)) for name in MEANS)
    yield f"mean of {found.images}", "", *means


def _figure(name: str, value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.4f}" if "ssim" in name else f"{value:.2f}"


def _intensity_rows(found: Evaluation) -> Iterator[tuple[str, ...]]:
    for score in found.intensities:
        report = score.report
        yield (
            score.name,
            str(score.channel),
            score.method,
            f"{report.psnr:.2f}",
            f"{report.bias:+.3g}",
            f"{report.error_p999:.4g}",
            f"{report.error_max:.4g}",
            f"{report.peak:.6g}",
            f"{score.lr_psnr:.2f}",
        )
