"""One picture that shows what downscaling and restoring did to a photograph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Pixels = NDArray[np.uint8]

DETAIL = 128, 96
ENLARGED = 4
#: How many times differences are brightened; without it they are too dark to see.
AMPLIFIED = 4

_GAP = 24
_CAPTION = 58
_PAPER, _INK, _FAINT = (250, 250, 248), (28, 28, 30), (110, 110, 116)


@dataclass(frozen=True)
class Panel:
    """A picture with what stands above it.

    Attributes
    ----------
    title, note : str
        What it is, and a line about it in smaller type.
    pixels : ndarray
        (H, W, 3), uint8; shown pixel by pixel.
    """

    title: str
    note: str
    pixels: Pixels


def difference(reference: Pixels, image: Pixels) -> Pixels:
    """Return the absolute difference, brightened `AMPLIFIED` times."""
    deviation = np.abs(reference.astype(np.int16) - image) * AMPLIFIED
    out: Pixels = deviation.clip(0, 255).astype(np.uint8)
    return out


def busiest(difference: Pixels) -> tuple[int, int]:
    """Return the upper left corner of the `DETAIL` where a difference is largest."""
    width, height = DETAIL
    gray = Image.fromarray(difference).convert("L")
    # A box filter of the detail's size, sampled on a coarse grid.
    best, corner = -1.0, (0, 0)
    values = np.asarray(gray, dtype=np.float64)
    for top in range(0, values.shape[0] - height + 1, 8):
        for left in range(0, values.shape[1] - width + 1, 8):
            mean = float(values[top : top + height, left : left + width].mean())
            if mean > best:
                best, corner = mean, (top, left)
    return corner


def detail(image: Pixels, corner: tuple[int, int]) -> Pixels:
    """Cut the detail at a corner out and enlarge it, each pixel a square."""
    (top, left), (width, height) = corner, DETAIL
    cut = image[top : top + height, left : left + width]
    return cut.repeat(ENLARGED, axis=0).repeat(ENLARGED, axis=1)


def draw(heading: str, rows: Sequence[Sequence[Panel]]) -> Image.Image:
    """Lay panels out in rows under a heading, each under its caption."""
    heights = [max(panel.pixels.shape[0] for panel in row) for row in rows]
    column = _GAP + max(panel.pixels.shape[1] for row in rows for panel in row)
    top = 2 * _GAP + 30
    size = (
        _GAP + column * max(len(row) for row in rows),
        top + sum(height + _CAPTION + _GAP for height in heights),
    )
    sheet = Image.new("RGB", size, _PAPER)
    canvas = ImageDraw.Draw(sheet)
    canvas.text((_GAP, _GAP), heading, fill=_INK, font=ImageFont.load_default(28))
    for row, height in zip(rows, heights, strict=True):
        for index, panel in enumerate(row):
            left = _GAP + index * column
            canvas.text((left, top), panel.title, fill=_INK, font=ImageFont.load_default(22))
            canvas.text((left, top + 29), panel.note, fill=_FAINT, font=ImageFont.load_default(17))
            sheet.paste(Image.fromarray(panel.pixels), (left, top + _CAPTION))
        top += height + _CAPTION + _GAP
    return sheet
