"""``irrm eval``: a model measured on a folder of images."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from irrm_core.cli.options import (
    Device,
    Json,
    MaxPixels,
    PrecisionName,
    Quiet,
    Tile,
    pixel_limit,
)

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
    device: Device = "auto",
    precision: Annotated[
        PrecisionName,
        typer.Option(help="fp32, as papers measure, or auto, as the other commands run."),
    ] = PrecisionName.fp32,
    tile: Tile = None,
    seed: Annotated[
        int, typer.Option(min=0, help="Of the noise that a gaussian model is fed on restoring.")
    ] = 0,
    max_pixels: MaxPixels = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Measure a model on a folder: downscale and restore every image, and compare.

    8-bit photographs are scored as papers publish it: PSNR and SSIM on luma, the HR without a
    border as wide as the scale, the LR against bicubic. Images of over 8 bits, and stacks,
    are compared in the units of their data, beside bicubic. Nothing is written.
    """
    from irrm_core.cli.console import interruptible, say, show_progress, write, write_json

    with interruptible() as cancel:
        from irrm_core.evaluation import evaluate_folder

        with show_progress(quiet=quiet) as progress:
            found = evaluate_folder(
                folder,
                model,
                also=also,
                device=device,
                precision=precision.value,
                seed=seed,
                tile=tile,
                max_pixels=pixel_limit(max_pixels),
                progress=progress,
                cancel=cancel,
            )
    if also and not found.intensities:
        say(f"{folder} has 8-bit photographs only: {also} was not measured; use --model for it")
    if json:
        write_json(found.to_dict())
        return
    if quiet:
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
            _units(report.error_p999),
            _units(report.error_max),
            _units(report.peak),
            f"{score.lr_psnr:.2f}",
        )


def _units(value: float) -> str:
    """Four digits, or all before the point."""
    return f"{value:.0f}" if value >= 1000 else f"{value:.4g}"
