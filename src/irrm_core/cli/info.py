"""``irrm info``: what a file is, and whether it can be restored here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from irrm_core.cli import console
from irrm_core.cli.options import Json, MaxPixels, pixel_limit

if TYPE_CHECKING:
    from irrm_core.archive import FileReport, LrFile


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(info)


def info(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An image file.")],
    max_megapixels: MaxPixels = None,
    json: Json = False,
) -> None:
    """Say what an image file is: an LR file, a restoration or neither; nothing is restored.

    Of an LR file: its record in words, whether its pixels are those that were written, and
    whether its model is on this machine.
    """
    from irrm_core.archive import inspect_file

    report = inspect_file(file, max_pixels=pixel_limit(max_megapixels))
    if json:
        console.write_json(_document(report))
        return
    for label, words in _lines(report):
        console.write(f"{label:<12}{words}")


_KINDS = {
    "lr": "an LR file",
    "restored": "a restoration, not an original",
    "damaged lr": "an LR file with a damaged record",
    "image": "an image without a restore record",
}


def _lines(report: FileReport) -> list[tuple[str, str]]:
    image = report.info
    lines = [
        ("file", str(report.path)),
        ("is", _KINDS[report.kind]),
        (
            "pixels",
            f"{console.shape_in_words(image.shape, image.axes)}, "
            f"{_colours(image.axes, image.shape)}{image.dtype}, {image.format}",
        ),
        ("bytes", f"{report.file_size:,}"),
    ]
    if report.lr is not None:
        lines += _record_lines(report.lr)
        lines += [
            ("LR pixels", "as written" if report.pixels_match else "changed"),
            ("model here", "yes" if report.model_here else "no"),
        ]
    if report.mark is not None:
        lines.append(("mark", report.mark.sentence()))
    if report.problem is not None:
        lines.append(("problem", report.problem))
    return lines


def _record_lines(lr: LrFile) -> list[tuple[str, str]]:
    record = lr.record
    side = f", and {len(lr.side):,} of alpha and outliers beside it" if lr.side else ""
    colours = _colours(record.axes, record.hr_shape)
    lines = [
        (
            "restores to",
            f"{console.shape_in_words(record.hr_shape, record.axes)}, {colours}{record.dtype}, "
            f"x{record.scale}",
        ),
        ("model", f"{record.model} (weights {record.weights_hash[:12]})"),
        ("quality", f"{console.psnr_in_words(record.quality.get('psnr'))} PSNR when downscaled"),
        ("record", f"{lr.record_size:,} bytes{side}"),
    ]
    if record.latent_std:
        lines.append(("latent", f"gaussian, std {record.latent_std:g}, seed {record.seed}"))
    for number, mapping in enumerate(record.mappings[:8]):
        channel = f" of channel {number}" if len(record.mappings) > 1 else ""
        lines.append(("intensities", f"{mapping.low:g} to {mapping.high:g}{channel}"))
    if record.source_hash is not None and record.source_size:
        lines.append(
            ("original", f"{record.source_size:,} bytes, SHA-256 {record.source_hash[:16]}")
        )
        lines.append(("saved", f"{1 - lr.file_size / record.source_size:.1%} of its bytes"))
    return lines


def _colours(axes: str, shape: tuple[int, ...]) -> str:
    samples = shape[-1] if axes.endswith("S") else 1
    return {1: "gray", 2: "gray with alpha", 3: "RGB", 4: "RGB with alpha"}[samples] + ", "


def _document(report: FileReport) -> dict[str, Any]:
    image = report.info
    document: dict[str, Any] = {
        "path": report.path,
        "kind": report.kind,
        "format": image.format,
        "shape": image.shape,
        "axes": image.axes,
        "dtype": image.dtype.name,
        "bytes": report.file_size,
        "problem": report.problem,
    }
    if report.lr is not None:
        record = report.lr.record
        document |= {
            "record_bytes": report.lr.record_size,
            "side_data_bytes": len(report.lr.side),
            "pixels_match": report.pixels_match,
            "model_here": report.model_here,
            "record": {
                "model": record.model,
                "weights": record.weights_hash,
                "scale": record.scale,
                "hr_shape": record.hr_shape,
                "axes": record.axes,
                "dtype": record.dtype,
                "mappings": [[m.low, m.high] for m in record.mappings],
                "latent_std": record.latent_std,
                "seed": record.seed,
                "lr_hash": record.lr_hash,
                "quality": dict(record.quality),
                "source_hash": record.source_hash,
                "source_bytes": record.source_size,
            },
        }
    if report.mark is not None:
        document["mark"] = {
            "model": report.mark.model,
            "weights": report.mark.weights_hash,
            "psnr": report.mark.psnr,
            "assumed": report.mark.assumed,
            "source_hash": report.mark.source_hash,
        }
    return document
