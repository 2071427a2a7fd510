"""Options that several verbs share, so that they mean the same everywhere."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class PrecisionName(StrEnum):
    """Values of ``--precision``."""

    auto = "auto"
    fp32 = "fp32"


class FormatName(StrEnum):
    """Values of ``--format``: those that hold an LR exactly."""

    png = "png"
    tiff = "tiff"
    webp = "webp"


Source = Annotated[
    Path, typer.Argument(metavar="IN", help="An image file, or a folder with all below it.")
]
Target = Annotated[
    Path | None,
    typer.Argument(
        metavar="[OUT]",
        help="A file or folder; for a folder IN, the folder that its tree is built in. "
        "Left out, outputs go beside their sources.",
    ),
]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N or mps.")]
Precision = Annotated[
    PrecisionName,
    typer.Option(help="auto computes 8-bit images in bfloat16 where that is fast."),
]
Tile = Annotated[
    int | None,
    typer.Option(min=1, metavar="PIXELS", help="Side of a tile; smaller ones take less memory."),
]
Threads = Annotated[
    int | None,
    typer.Option(min=1, help="Of the CPU; by default all cores, or OMP_NUM_THREADS."),
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace existing outputs.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar and no table.")]
MaxPixels = Annotated[
    float | None,
    typer.Option(
        "--max-megapixels",
        min=0.000001,
        metavar="MP",
        help="Read images of up to this many megapixels a plane; the default limit stops "
        "small files that claim to be huge.",
    ),
]


def pixel_limit(megapixels: float | None) -> int:
    """Return the limit in pixels that an option means."""
    from irrm_core.imagefile import DEFAULT_MAX_PIXELS

    return DEFAULT_MAX_PIXELS if megapixels is None else int(megapixels * 1e6)
