"""``irrm restore``: LR files back to images."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from irrm_core.cli import batch, console
from irrm_core.cli.options import (
    Device,
    Json,
    MaxPixels,
    Overwrite,
    Precision,
    PrecisionName,
    Quiet,
    Source,
    Target,
    Threads,
    Tile,
    pixel_limit,
)

if TYPE_CHECKING:
    from irrm_core.archive import RestoredFile


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(restore)


def restore(
    source: Source,
    target: Target = None,
    model: Annotated[
        str | None,
        typer.Option(
            help="Where the model is, if it is not found by the weights hash in the file: a "
            "model folder, name or id. It must be the model that the file names."
        ),
    ] = None,
    assume: Annotated[
        str | None,
        typer.Option(
            metavar="MODEL",
            help="The model that made files which carry no restore record; what it did not "
            "make is enlarged, not restored.",
        ),
    ] = None,
    device: Device = "auto",
    precision: Precision = PrecisionName.auto,
    tile: Tile = None,
    threads: Threads = None,
    check: Annotated[
        bool,
        typer.Option(
            "--check/--no-check",
            help="Compare the LR with its hash and the restoration with its digest.",
        ),
    ] = True,
    overwrite: Overwrite = False,
    max_megapixels: MaxPixels = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Restore what an LR file, or every LR file in a folder, was made from.

    photo.jpg.irrm.png becomes photo.jpg.restored.png, marked as a reconstruction by a named
    model with its measured quality. In a folder, files that are no LR files are passed over,
    and outputs that are there already are kept.
    """
    with console.interruptible() as cancel, console.show_progress(quiet=quiet) as progress:
        from irrm_core.archive import RescalerPool, is_image_name, is_lr_file, restore_file

        pool = RescalerPool(device=device, precision=precision.value, tile=tile, threads=threads)
        pool.prepare()
        named = None if model is None else pool.for_model(model)
        assumed = None if assume is None else pool.for_model(assume)
        folder = source.is_dir()

        def work(job: batch.Job) -> _Done:
            start = perf_counter()
            made = restore_file(
                job.source,
                job.target,
                named or pool,
                assume=assumed,
                overwrite=overwrite,
                check=check,
                max_pixels=pixel_limit(max_megapixels),
                progress=progress,
                cancel=cancel,
            )
            return _Done(made, perf_counter() - start)

        jobs = batch.plan(source, target, is_image_name if assume else is_lr_file)
        outcome = batch.run(jobs, work, folder=folder, progress=progress, cancel=cancel)
    if json:
        console.write_json(batch.document(outcome, _Done.document))
    elif outcome.done and not quiet:
        console.write_table(
            ("file", "LR file", "restored", "size", "model", "PSNR", "seconds"),
            [done.row() for done in outcome.done],
        )
    batch.check(outcome)


@dataclass(frozen=True)
class _Done:
    """A file that was restored, and how long it took."""

    made: RestoredFile
    seconds: float

    def row(self) -> tuple[str, ...]:
        made, record = self.made, self.made.record
        return (
            str(made.target),
            console.size_in_words(made.source_size),
            console.size_in_words(made.target_size),
            console.shape_in_words(record.hr_shape, record.axes),
            record.model,
            console.psnr_in_words(made.mark.psnr),
            f"{self.seconds:.1f}",
        )

    def document(self) -> dict[str, Any]:
        made, record = self.made, self.made.record
        return {
            "source": made.source,
            "target": made.target,
            "source_bytes": made.source_size,
            "target_bytes": made.target_size,
            "model": record.model,
            "weights": record.weights_hash,
            "assumed": made.mark.assumed,
            "hr_shape": record.hr_shape,
            "axes": record.axes,
            "psnr": made.mark.psnr,
            "digest_checked": made.checked,
            "seconds": round(self.seconds, 3),
        }
