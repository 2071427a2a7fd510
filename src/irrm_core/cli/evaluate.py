"""``irrm eval``: models measured on folders of images."""

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
    Threads,
    Tile,
    pixel_limit,
)
from irrm_core.errors import SomeFilesFailedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from irrm_core.evaluation import Evaluation, Survey


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(name="eval")(evaluate)


def evaluate(
    folders: Annotated[
        list[Path], typer.Argument(metavar="FOLDER...", help="Folders of original images.")
    ],
    model: Annotated[
        list[str] | None,
        typer.Option(help="Name, id, hash or folder of a model; repeatable for tables."),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Measure every usable model.")] = False,
    table: Annotated[
        bool,
        typer.Option(
            "--table", help="Print Markdown tables of the models, beside published figures."
        ),
    ] = False,
    pages: Annotated[
        list[Path] | None,
        typer.Option(
            "--write",
            metavar="PAGE",
            help="Put the tables between the markers of a Markdown page; repeatable.",
        ),
    ] = None,
    cache: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Keep what a table is made of, so that nothing is measured twice."
        ),
    ] = None,
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
    threads: Threads = None,
    seed: Annotated[
        int, typer.Option(min=0, help="Of the noise that a gaussian model is fed on restoring.")
    ] = 0,
    max_pixels: MaxPixels = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Measure models on folders: downscale and restore every image, and compare.

    8-bit photographs are scored as papers publish it: PSNR and SSIM on luma, the HR without a
    border as wide as the scale, the LR against bicubic. Images of over 8 bits, and stacks,
    are compared in the units of their data, beside bicubic. Nothing is written, but to --write
    and --cache. An image that cannot be measured is named and left out.

    One model on one folder gives a line for each image; --table compares models, with their
    cost and the seconds that the CPU takes.
    """
    from irrm_core.cli.console import interruptible, say, show_progress

    if every == bool(model):
        raise UsageError("which models? name them with --model, or say --all")
    many = every or table or len(folders) > 1 or len(model or ()) > 1
    if many and also:
        raise UsageError("--also is for one model on one folder; for tables repeat --model")
    if not many and (pages or cache):
        raise UsageError("--write and --cache are for tables; add --table")
    limit = pixel_limit(max_pixels)
    with interruptible() as cancel, show_progress(quiet=quiet) as progress:
        if many:
            from irrm_core.evaluation import check_page, survey

            for page in pages or []:
                check_page(page)
            surveyed = survey(
                folders,
                None if every else model,
                device=device,
                precision=precision.value,
                seed=seed,
                tile=tile,
                threads=threads,
                max_pixels=limit,
                kept=cache,
                progress=progress,
                cancel=cancel,
            )
            evaluations = surveyed.evaluations
        else:
            from irrm_core.evaluation import evaluate_folder

            assert model
            found = evaluate_folder(
                folders[0],
                model[0],
                also=also,
                device=device,
                precision=precision.value,
                seed=seed,
                tile=tile,
                threads=threads,
                max_pixels=limit,
                strict=False,
                progress=progress,
                cancel=cancel,
            )
            evaluations = (found,)
    failed = {f"{e.folder}/{f.name}": f.error for e in evaluations for f in e.failed}
    for error in failed.values():
        say(error)
    if many:
        _show_tables(surveyed, pages or [], json, quiet)
    else:
        if also and not found.intensities:
            say(f"{folders[0]} has no images of over 8 bits: {also} was not measured")
        _show(found, json, quiet)
    if failed:
        raise SomeFilesFailedError(
            f"{len(failed)} image{'s' * (len(failed) > 1)} could not be measured, see above; the "
            "figures are of the others"
        )


def _show_tables(found: Survey, pages: list[Path], json: bool, quiet: bool) -> None:
    from irrm_core.cli.console import write, write_json
    from irrm_core.evaluation import headed, tables, write_page

    if json:
        write_json(found.to_dict())
    elif not quiet:
        write(headed(tables(found)))
    # Last: a page that cannot be written must not cost what was measured.
    for page in pages:
        write_page(page, found)


def _show(found: Evaluation, json: bool, quiet: bool) -> None:
    from irrm_core.cli.console import write, write_json, write_table

    if json:
        write_json(found.to_dict())
        return
    if quiet:
        return
    write(f"{found.model} (x{found.scale}) on {found.folder}, {found.device}")
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
                "LR values",
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
            str(score.lr_values),
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
