"""``irrm assess``: whether LR storage pays for a folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from irrm_core.cli.options import (
    Device,
    Json,
    Overwrite,
    Precision,
    PrecisionName,
    Quiet,
    Threads,
    Tile,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from irrm_core.archive.assess import Assessment, FileAssessment

PICTURES = 12
"""Files whose pictures a page has, unless said otherwise: about 0.5 MB each."""


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(assess)


def assess(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH...", help="Image files, and folders with all below them."),
    ],
    html: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write a page with tables and pictures to look at."),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(
            help="Name, id, hash or folder; repeatable; `all` for every one here. Default: the "
            "default models of every scale that fit a file's channels."
        ),
    ] = None,
    scale: Annotated[
        list[int] | None, typer.Option(help="Only models of this scale; repeatable.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Only the first N files by name.")
    ] = None,
    sample: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="N files from everywhere, the same in every run."),
    ] = None,
    pictures: Annotated[
        int, typer.Option(min=0, metavar="N", help="Files that the page has pictures of.")
    ] = PICTURES,
    max_megapixels: Annotated[
        float | None,
        typer.Option(
            min=0.000001,
            metavar="MP",
            help="Leave out files of more megapixels in all planes; by default 100.",
        ),
    ] = None,
    device: Device = "auto",
    precision: Precision = PrecisionName.auto,
    tile: Tile = None,
    threads: Threads = None,
    overwrite: Overwrite = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Measure what files take as LR files, and beside it as JPEG, WebP, AVIF and JPEG XL.

    Each codec is tried at the PSNR of what the LR file restores to. Whole files are counted.
    Besides: JPEG XL of JPEG files, zstd, lossless JPEG XL, and which storage class the archive
    would choose. Nothing is written but the page.
    """
    from irrm_core.cli.console import interruptible, show_progress

    with interruptible() as cancel:
        from irrm_core.archive import assess as rooms
        from irrm_core.imagefile import refuse_existing

        if html is not None:
            refuse_existing(html, overwrite)
        selection = rooms.select(paths, limit=limit, sample=sample)
        models = rooms.ModelField(
            model or (),
            scale or (),
            device=device,
            precision=precision.value,
            tile=tile,
            threads=threads,
        )
        with show_progress(quiet=quiet) as progress:
            found = rooms.assess(
                selection,
                rooms.Terms(models),
                pictures=0 if html is None else pictures,
                max_pixels=(
                    rooms.MAX_PIXELS if max_megapixels is None else int(max_megapixels * 1e6)
                ),
                progress=progress,
                cancel=cancel,
            )
    show(found, html=html, overwrite=overwrite, json=json, quiet=quiet)


def show(found: Assessment, *, html: Path | None, overwrite: bool, json: bool, quiet: bool) -> None:
    """Print an assessment, write its page, and say which files were left out.

    Raises
    ------
    SomeFilesFailedError
        Some files were damaged.
    """
    from irrm_core import __version__
    from irrm_core.archive import assess as rooms
    from irrm_core.cli import console
    from irrm_core.errors import SomeFilesFailedError
    from irrm_core.imagefile import atomic_output

    for left in found.left:
        console.say(left.reason if left.damaged else f"skipped: {left.reason}")
    if html is not None:
        with atomic_output(html, overwrite) as stream:
            stream.write(rooms.page(found, __version__).encode())
    if json:
        console.write_json(rooms.document(found))
    elif not quiet:
        _print(found)
    damaged = sum(left.damaged for left in found.left)
    if damaged:
        raise SomeFilesFailedError(
            f"{damaged} of {len(found.selection.paths)} files failed, see above"
        )


def _print(found: Assessment) -> None:
    from irrm_core.archive import assess as rooms
    from irrm_core.archive.codecs import CODECS, LOSSLESS
    from irrm_core.cli import console

    if found.files:
        console.write_table(
            (
                "file",
                "original",
                "model",
                "LR file",
                "PSNR",
                "SSIM",
                *CODECS,
                *LOSSLESS,
                "class",
            ),
            [row for file in found.files for row in _rows(file)],
        )
        console.write("")
    for sentence in rooms.verdict(found):
        console.write(sentence)


def _rows(file: FileAssessment) -> Iterator[tuple[str, ...]]:
    from irrm_core.cli.console import size_in_words

    for index, trial in enumerate(file.trials):
        ssim = trial.quality.ssim
        yield (
            "" if index else str(file.path),
            "" if index else size_in_words(file.size),
            trial.model,
            size_in_words(trial.size),
            f"{trial.quality.psnr:.2f}",
            "" if ssim is None else f"{ssim:.4f}",
            *(_size(match.size) for match in trial.at_psnr),
            *("" if index else _size(form.size) for form in file.forms),
            "" if index else file.choice.storage.value,
        )


def _size(size: int | None) -> str:
    from irrm_core.cli.console import size_in_words

    return "-" if size is None else size_in_words(size)
