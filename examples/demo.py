"""Downscale photographs to LR files, restore them from these files, and show what came back.

For each photograph a side-by-side PNG is written, and two tables are printed: what it costs
and how good it is, and what modern codecs need for the same quality.
"""

from __future__ import annotations

import argparse
import io
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, features
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from side_by_side import AMPLIFIED, Panel, Pixels, busiest, detail, difference, draw

from irrm_core import Rescaler, read_image
from irrm_core.archive import downscale_file, restore_file
from irrm_core.metrics import PairScore, bicubic_roundtrip, modcrop, score_pair

PHOTOS = Path(__file__).parent / "photos"


@dataclass(frozen=True)
class Outcome:
    """What became of one photograph.

    Attributes
    ----------
    photo, small : Path
        The original file and the LR file.
    original, lr, restored, bicubic : ndarray
        (H, W, 3), uint8; the last is what bicubic interpolation makes of its own LR.
    restored_score, bicubic_score : PairScore
        Against the original.
    seconds_down, seconds_up : float
        From file to file; downscaling includes restoring once, to measure the quality.
    """

    photo: Path
    small: Path
    original: Pixels
    lr: Pixels
    restored: Pixels
    bicubic: Pixels
    restored_score: PairScore
    bicubic_score: PairScore
    seconds_down: float
    seconds_up: float


def rescale(photo: Path, rescaler: Rescaler, out: Path) -> Outcome:
    """Send one photograph there and back through files."""
    scale = rescaler.model.card.scale
    small = out / f"{photo.name}.irrm.png"
    back = out / f"{photo.stem}-restored.png"
    seconds_down = _timed(lambda: downscale_file(photo, small, rescaler, overwrite=True))
    seconds_up = _timed(lambda: restore_file(small, back, rescaler, overwrite=True))
    # Bicubic knows whole LR pixels only, so the last rows and columns take no part.
    original, restored = (_read(path, scale) for path in (photo, back))
    bicubic = bicubic_roundtrip(original, scale)
    return Outcome(
        photo,
        small,
        original,
        _read(small, 1),
        restored,
        bicubic,
        score_pair(original, restored, crop=scale),
        score_pair(original, bicubic, crop=scale),
        seconds_down,
        seconds_up,
    )


def side_by_side(outcome: Outcome, model: str) -> Image.Image:
    """Draw the original, the LR, the restored, bicubic and the differences."""
    o = outcome
    with Image.open(o.photo) as image:
        width, height = image.size
    restored_note, bicubic_note = (
        f"{score.psnr_y:.2f} dB, SSIM {score.ssim_y:.4f}"
        for score in (o.restored_score, o.bicubic_score)
    )
    lost = difference(o.original, o.bicubic)
    corner = busiest(lost)
    return draw(
        f"{o.photo.name}, downscaled and restored by {model}",
        [
            [
                Panel("original", f"{width} x {height}, {_bytes(o.photo)}", o.original),
                Panel("restored from the LR file", restored_note, o.restored),
                Panel("bicubic, for comparison", bicubic_note, o.bicubic),
            ],
            [
                Panel("original, detail", "enlarged 4 times", detail(o.original, corner)),
                Panel("restored, detail", "the same place", detail(o.restored, corner)),
                Panel("bicubic, detail", "the same place", detail(o.bicubic, corner)),
            ],
            [
                Panel(
                    "LR file, at its own size",
                    f"{o.lr.shape[1]} x {o.lr.shape[0]}, {_bytes(o.small)}: all that is kept",
                    o.lr,
                ),
                Panel(
                    "restored, difference",
                    f"from the original, brightened {AMPLIFIED} times",
                    difference(o.original, o.restored),
                ),
                Panel(
                    "bicubic, difference", f"from the original, brightened {AMPLIFIED} times", lost
                ),
            ],
        ],
    )


def bytes_for(original: Pixels, codec: str, psnr: float) -> str:
    """Return the bytes of the smallest file of a codec that has at least this PSNR-Y."""
    low, high, best = 1, 100, None
    while low <= high:
        quality = (low + high) // 2
        buffer = io.BytesIO()
        Image.fromarray(original).save(buffer, codec, quality=quality)
        with Image.open(buffer) as image:
            score = score_pair(original, np.asarray(image.convert("RGB"))).psnr_y
        if score >= psnr:
            best, high = len(buffer.getvalue()), quality - 1
        else:
            low = quality + 1
    return "-" if best is None else f"{best:,}"


def main() -> None:
    """Run the demonstration."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, default=Path("demo-out"))
    parser.add_argument("--model", default="irrm-fast-x4")
    parser.add_argument("photos", nargs="*", type=Path, default=sorted(PHOTOS.glob("*.png")))
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    rescaler = Rescaler(arguments.model)
    model = rescaler.model.card.id
    codecs = [c for c in ("JPEG", "WEBP", "AVIF") if c == "JPEG" or features.check(c.lower())]

    quality = _table(
        f"{model} on {rescaler.device_choice}",
        "photograph",
        *("original\nbytes", "LR file\nbytes"),
        *("restored\nPSNR-Y", "\nSSIM", "bicubic\nPSNR-Y", "\nSSIM"),
        *("seconds\nLR*", "\nback"),
    )
    sizes = _table(
        "Bytes that codecs take for the same PSNR-Y",
        *("photograph", "PSNR-Y", "LR file", *codecs),
    )
    for photo in arguments.photos:
        outcome = rescale(photo, rescaler, arguments.out)
        side_by_side(outcome, model).save(arguments.out / f"{photo.stem}-side-by-side.png")
        restored, bicubic = outcome.restored_score, outcome.bicubic_score
        quality.add_row(
            photo.stem,
            f"{photo.stat().st_size:,}",
            f"{outcome.small.stat().st_size:,}",
            f"{restored.psnr_y:.2f}",
            f"{restored.ssim_y:.4f}",
            f"{bicubic.psnr_y:.2f}",
            f"{bicubic.ssim_y:.4f}",
            f"{outcome.seconds_down:.2f}",
            f"{outcome.seconds_up:.2f}",
        )
        sizes.add_row(
            photo.stem,
            f"{restored.psnr_y:.2f}",
            f"{outcome.small.stat().st_size:,}",
            *(bytes_for(outcome.original, codec, restored.psnr_y) for codec in codecs),
        )
    console = Console()
    console.print(quality)
    console.print("* with one restoration, to measure what the LR file then promises\n")
    console.print(sizes)
    console.print(
        "\nRestored pictures are reconstructions. Codecs take fewer bytes for the same PSNR; an "
        "LR file is a small picture that every viewer shows, and restores the large one.\n"
        f"Side-by-side pictures are in {arguments.out}{os.sep}",
        highlight=False,
    )


def _table(title: str, first: str, *others: str) -> Table:
    table = Table(title=title, box=SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    table.add_column(first, no_wrap=True)
    for name in others:
        table.add_column(name, justify="right")
    return table


def _read(path: Path, multiple: int) -> Pixels:
    image, _ = read_image(path)
    return modcrop(image, multiple).astype(np.uint8)


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _bytes(path: Path) -> str:
    return f"{path.stat().st_size / 1000:,.0f} kB"


if __name__ == "__main__":
    main()
