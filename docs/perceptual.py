"""Measure how sharp models restore beside how near, and draw what that looks like.

    python docs/perceptual.py --model irrm-fast-x4@1 --model run/models/irrm-fast-x4-plus@1 \
        --folder Set14 --folder examples/photos --figure docs/images/perceptual.webp

prints the table of ``docs/perceptual.md``, and draws its figure from the photographs in
``examples/photos``, each at the place that the first model restores worst.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from irrm_core import Rescaler, read_image
from irrm_core.metrics import (
    bicubic_lr,
    bicubic_roundtrip,
    luma,
    modcrop,
    psnr,
    score_pair,
    sharpness,
)

PHOTOGRAPHS = Path(__file__).parents[1] / "examples" / "photos"
SIDE = 96
ENLARGED = 3
AMPLIFIED = 4
GAP, CAPTION = 12, 24

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Row:
    """Means over a folder.

    Attributes
    ----------
    psnr, ssim : float
        Of the luma of the restored HR, a border as wide as the scale left out.
    edges, texture : float
        As `sharpness` has them, of the same.
    lr : float
        PSNR of the luma of the LR against antialiased bicubic, in dB.
    """

    psnr: float
    ssim: float
    edges: float
    texture: float
    lr: float


def main() -> None:
    """Print tables, and draw the figure where one is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", action="append", required=True)
    parser.add_argument("--folder", type=Path, action="append", default=[])
    parser.add_argument("--figure", type=Path)
    given = parser.parse_args()
    rescalers = [Rescaler(model, precision="fp32") for model in given.model]
    for folder in given.folder:
        print(f"\n| {folder.name} | PSNR-Y | SSIM-Y | edges | texture | LR PSNR-Y |")
        print("|---|---|---|---|---|---|")
        print(_line("bicubic", _mean(_bicubic(folder, rescalers[0].model.card.scale))))
        for rescaler in rescalers:
            print(_line(rescaler.model.card.id, _mean(_measured(folder, rescaler))))
    if given.figure is not None:
        figure(rescalers).save(given.figure, lossless=True)


def figure(rescalers: Sequence[Rescaler]) -> Image.Image:
    """Return crops of the photographs, row by row: original, each model, and their difference."""
    rows = []
    for original in _pictures(PHOTOGRAPHS, rescalers[0].model.card.scale):
        restored = [rescaler.roundtrip(original).restored for rescaler in rescalers]
        top, left = _worst(original, restored[0])
        window = slice(top, top + SIDE), slice(left, left + SIDE)
        change = np.abs(restored[-1].astype(int) - restored[0]) * AMPLIFIED
        rows.append([p[window] for p in (original, *restored, change.clip(0, 255).astype("uint8"))])
    titles = ["original", *(r.model.card.id for r in rescalers)]
    titles.append(f"last two apart, x{AMPLIFIED}")
    return _sheet(rows, titles)


def _pictures(folder: Path, scale: int) -> Iterator[Pixels]:
    for path in sorted(folder.iterdir()):
        if path.suffix == ".png":
            image, _ = read_image(path)
            if image.ndim == 2:
                image = np.repeat(image[:, :, None], 3, axis=2)
            yield np.asarray(modcrop(image[:, :, :3], scale), dtype=np.uint8)


def _measured(folder: Path, rescaler: Rescaler) -> Iterator[Row]:
    for original in _pictures(folder, rescaler.model.card.scale):
        result = rescaler.roundtrip(original)
        yield _row(original, result.restored, result.downscaled.image, rescaler.model.card.scale)


def _bicubic(folder: Path, scale: int) -> Iterator[Row]:
    for original in _pictures(folder, scale):
        yield _row(original, bicubic_roundtrip(original, scale), None, scale)


def _row(original: Pixels, restored: Pixels, small: Pixels | None, scale: int) -> Row:
    score = score_pair(original, restored, crop=scale)
    inner = slice(scale, -scale), slice(scale, -scale)
    sharp = sharpness(luma(original)[inner], luma(restored)[inner])
    lr = np.nan if small is None else psnr(luma(bicubic_lr(original, scale)), luma(small))
    return Row(score.psnr_y, score.ssim_y, sharp.edges, sharp.texture, lr)


def _mean(rows: Iterator[Row]) -> Row:
    values = [[r.psnr, r.ssim, r.edges, r.texture, r.lr] for r in rows]
    return Row(*(float(mean) for mean in np.mean(values, axis=0)))


def _line(name: str, row: Row) -> str:
    lr = "-" if np.isnan(row.lr) else f"{row.lr:.1f}"
    return (
        f"| {name} | {row.psnr:.2f} | {row.ssim:.4f} | {row.edges:.3f} | {row.texture:.3f} | {lr} |"
    )


def _worst(original: Pixels, restored: Pixels) -> tuple[int, int]:
    """Return the corner of the square with the largest mean error, on a grid of 8 pixels."""
    error = np.abs(luma(original) - luma(restored))
    height, width = error.shape
    corners = [(y, x) for y in range(0, height - SIDE, 8) for x in range(0, width - SIDE, 8)]
    return max(corners, key=lambda c: float(error[c[0] : c[0] + SIDE, c[1] : c[1] + SIDE].mean()))


def _sheet(rows: Sequence[Sequence[Pixels]], titles: Sequence[str]) -> Image.Image:
    cell = SIDE * ENLARGED
    size = (GAP + len(titles) * (cell + GAP), CAPTION + GAP + len(rows) * (cell + GAP))
    sheet = Image.new("RGB", size, "white")
    canvas = ImageDraw.Draw(sheet)
    for column, title in enumerate(titles):
        left = GAP + column * (cell + GAP)
        canvas.text((left, 8), title, fill="black", font=ImageFont.load_default(16))
        for line, row in enumerate(rows):
            shown = Image.fromarray(row[column]).resize((cell, cell), Image.Resampling.NEAREST)
            sheet.paste(shown, (left, CAPTION + GAP + line * (cell + GAP)))
    return sheet


if __name__ == "__main__":
    main()
