"""``irrm downscale``: images to LR files."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from irrm_core.cli import batch, console
from irrm_core.cli.options import (
    Device,
    FormatName,
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
from irrm_core.errors import ModelFileError, ModelNotFoundError

if TYPE_CHECKING:
    from irrm_core.archive import DownscaledFile


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(downscale)


def downscale(
    source: Source,
    target: Target = None,
    model: Annotated[
        str | None,
        typer.Option(
            help="Id, name, weights hash or folder; by default irrm-fast-x4, and for "
            "single-channel images irrm-fast-gray-x2."
        ),
    ] = None,
    scale: Annotated[
        int | None, typer.Option(help="2 or 4: of the default model; must fit --model.")
    ] = None,
    format: Annotated[
        FormatName | None,
        typer.Option(help="Of the LR file; by default PNG for 8 bits, TIFF for 16 and stacks."),
    ] = None,
    device: Device = "auto",
    precision: Precision = PrecisionName.auto,
    tile: Tile = None,
    threads: Threads = None,
    seed: Annotated[
        int, typer.Option(min=0, help="Of the noise that a gaussian model is fed on restoring.")
    ] = 0,
    fill: Annotated[
        bool, typer.Option("--fill", help="Accept NaN and infinity; they come back on restoring.")
    ] = False,
    measure: Annotated[
        bool,
        typer.Option(
            "--measure/--no-measure",
            help="Restore at once: record the quality, and what a restoration is checked by.",
        ),
    ] = True,
    force: Annotated[
        bool, typer.Option("--force", help="Downscale LR files and restorations again.")
    ] = False,
    overwrite: Overwrite = False,
    max_megapixels: MaxPixels = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write the LR file of an image, or of every image in a folder.

    photo.jpg becomes photo.jpg.irrm.png: a small ordinary picture that restores the large
    one. Originals are never touched. In a folder, files that are no images are passed over,
    and outputs that are there already are kept.
    """
    with console.interruptible() as cancel, console.show_progress(quiet=quiet) as progress:
        from irrm_core.archive import RescalerPool, downscale_file, embedded_kind, is_image_name

        pool = RescalerPool(
            model,
            scale=scale,
            device=device,
            precision=precision.value,
            tile=tile,
            threads=threads,
        )
        pool.prepare()
        folder = source.is_dir()

        def work(job: batch.Job) -> _Done:
            if folder and not force and (kind := embedded_kind(job.source)):
                raise batch.Skip(f"{job.source}: is {kind}; --force downscales it again")
            start = perf_counter()
            made = downscale_file(
                job.source,
                job.target,
                pool,
                format=format and format.value,
                overwrite=overwrite,
                force=force,
                measure=measure,
                nonfinite="fill" if fill else "error",
                seed=seed,
                max_pixels=pixel_limit(max_megapixels),
                progress=progress,
                cancel=cancel,
            )
            return _Done(made, perf_counter() - start)

        jobs = batch.plan(source, target, is_image_name)
        outcome = batch.run(
            jobs,
            work,
            folder=folder,
            # Without its model every further file would fail in the same words.
            fatal=(ModelNotFoundError, ModelFileError),
            progress=progress,
            cancel=cancel,
        )
    if json:
        console.write_json(batch.document(outcome, _Done.document))
    elif outcome.done and not quiet:
        console.write_table(
            ("file", "original", "LR file", "HR size", "LR size", "model", "PSNR", "seconds"),
            [done.row() for done in outcome.done],
        )
    batch.check(outcome)


@dataclass(frozen=True)
class _Done:
    """A file that was downscaled, and how long it took."""

    made: DownscaledFile
    seconds: float

    def row(self) -> tuple[str, ...]:
        made, record = self.made, self.made.record
        return (
            str(made.target),
            console.size_in_words(made.source_size),
            console.size_in_words(made.target_size),
            console.shape_in_words(record.hr_shape, record.axes),
            console.shape_in_words(record.lr_shape, record.lr_axes),
            record.model,
            console.psnr_in_words(record.quality.get("psnr")),
            f"{self.seconds:.1f}",
        )

    def document(self) -> dict[str, Any]:
        made, record = self.made, self.made.record
        return {
            "source": made.source,
            "target": made.target,
            "source_bytes": made.source_size,
            "target_bytes": made.target_size,
            "record_bytes": made.record_size,
            "side_data_bytes": made.side_size,
            "model": record.model,
            "weights": record.weights_hash,
            "scale": record.scale,
            "hr_shape": record.hr_shape,
            "lr_shape": record.lr_shape,
            "axes": record.axes,
            "psnr": record.quality.get("psnr"),
            "seconds": round(self.seconds, 3),
        }
