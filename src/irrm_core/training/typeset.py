"""Text and screens drawn for training, since photographs hold few of them.

Published models blur text: what they never saw. Lines of words, tables of hairlines, buttons
and icons are drawn with Pillow's own scalable font; nothing is read and no picture is shipped.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from irrm_core.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Colour = tuple[int, int, int]

_SIZES = (7, 40)
# As often as in English, with the figures and signs that tables and code have.
_LETTERS = (
    "eeeeeeeeeeeetttttttttaaaaaaaaooooooooiiiiiiinnnnnnnsssssshhhhhhrrrrrrddddllll"
    "cccuuummmwwwffggyyppbbvkjxqzABCDEFGHIKLMNOPRSTUVW00112233445566778899"
)
_SIGNS = ".,,..:;!?()[]{}=+-*/%&#@_<>\"'"


def draw_page(side: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Draw a square cut-out of a page or a screen.

    Parameters
    ----------
    side : int
        In pixels.
    rng : Generator
        Of every random choice. With one version of Pillow the same state draws the same pixels.

    Returns
    -------
    ndarray
        (side, side, 3), uint8; gray pages have three equal colours.
    """
    ink, paper = _colours(rng)
    image = Image.new("RGB", (side, side), paper)
    canvas = ImageDraw.Draw(image)
    # Both ways in which programs draw letters: with soft edges, and in whole pixels.
    canvas.fontmode = "1" if rng.random() < 0.25 else "L"
    draw = _KINDS[int(rng.integers(len(_KINDS)))]
    draw(canvas, side, ink, paper, rng)
    return np.array(image)


def _colours(rng: np.random.Generator) -> tuple[Colour, Colour]:
    """Return ink and paper that can be told apart."""
    way = rng.random()
    if way < 0.4:
        return (0, 0, 0), (255, 255, 255)
    dark, light = (int(n) for n in (rng.integers(0, 90), rng.integers(170, 256)))
    if way < 0.6:
        return (dark,) * 3, (light,) * 3
    if way < 0.75:
        return (light,) * 3, (dark,) * 3
    ink, paper = _any_colour(rng), _any_colour(rng)
    if abs(sum(ink) - sum(paper)) < 200:
        paper = (255, 255, 255) if sum(ink) < 380 else (16, 16, 24)
    return ink, paper


def _any_colour(rng: np.random.Generator) -> Colour:
    red, green, blue = (int(n) for n in rng.integers(0, 256, 3))
    return red, green, blue


@lru_cache(maxsize=64)
def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise UsageError("data.text draws letters, for which Pillow needs FreeType; set it to 0")
    # The basic layout is everywhere, and the faster one.
    return font.font_variant(layout_engine=ImageFont.Layout.BASIC)


def _words(length: int, rng: np.random.Generator) -> str:
    """Return about so many characters of what looks like words."""
    text = ""
    while len(text) < length:
        picks = rng.integers(len(_LETTERS), size=int(rng.integers(1, 10)))
        text += "".join(_LETTERS[n] for n in picks)
        if rng.random() < 0.2:
            text += _SIGNS[int(rng.integers(len(_SIGNS)))]
        text += " "
    return text[:length]


def _size(rng: np.random.Generator) -> int:
    """Return a font size, the small ones more often: they are what is lost first."""
    low, high = _SIZES
    return int(low * (high / low) ** rng.random() ** 1.5)


def _lines(
    canvas: ImageDraw.ImageDraw, side: int, ink: Colour, paper: Colour, rng: np.random.Generator
) -> None:
    """Draw a column of text."""
    size = _size(rng)
    y = -int(rng.integers(size))
    left = int(rng.integers(-size, side // 4))
    while y < side:
        # A letter is about half as wide as its font is high.
        length = 2 * (side - left) // size + 1
        text = _words(length if rng.random() > 0.15 else length // 3, rng)
        canvas.text((left, y), text, fill=ink, font=_font(size))
        if rng.random() < 0.08:
            canvas.line((left, y + size + 1, side // 2, y + size + 1), fill=ink)
        y += int(size * rng.uniform(1.1, 1.5)) + 1


def _table(
    canvas: ImageDraw.ImageDraw, side: int, ink: Colour, paper: Colour, rng: np.random.Generator
) -> None:
    """Draw hairlines a pixel or two wide, with figures between them."""
    size = min(_size(rng), 20)
    row, column = size + int(rng.integers(3, 10)), int(rng.integers(2, 7)) * size
    width = 1 if rng.random() < 0.8 else 2
    rule = ink if rng.random() < 0.5 else _between(ink, paper, rng.uniform(0.3, 0.8))
    for y in range(int(rng.integers(row)), side, row):
        canvas.line((0, y, side, y), fill=rule, width=width)
        for x in range(int(rng.integers(column)) - column, side, column):
            if rng.random() < 0.3:
                continue
            canvas.text(
                (x + 3, y + 2), _words(min(column // size, 6), rng), fill=ink, font=_font(size)
            )
    if rng.random() < 0.7:
        for x in range(int(rng.integers(column)), side, column):
            canvas.line((x, 0, x, side), fill=rule, width=width)


def _screen(
    canvas: ImageDraw.ImageDraw, side: int, ink: Colour, paper: Colour, rng: np.random.Generator
) -> None:
    """Draw flat areas, boxes with labels, and small signs."""
    for _ in range(int(rng.integers(2, 6))):
        x, y = (int(n) for n in rng.integers(-side // 4, side, 2))
        w, h = int(rng.integers(12, side)), int(rng.integers(8, side // 2))
        fill = _between(ink, paper, rng.uniform(0.5, 1)) if rng.random() < 0.6 else _any_colour(rng)
        outline = ink if rng.random() < 0.5 else None
        if rng.random() < 0.5:
            canvas.rounded_rectangle((x, y, x + w, y + h), min(6, h // 3), fill, outline)
        else:
            canvas.rectangle((x, y, x + w, y + h), fill, outline)
        size = min(_size(rng), max(7, h - 4))
        label = ink if abs(sum(ink) - sum(fill)) > 200 else paper
        canvas.text((x + 5, y + 2), _words(w // size + 1, rng), fill=label, font=_font(size))
    for _ in range(int(rng.integers(0, 8))):
        x, y, dx, dy = (int(n) for n in rng.integers(0, side, 4))
        match int(rng.integers(3)):
            case 0:
                canvas.line((x, y, dx, dy), fill=ink, width=int(rng.integers(1, 3)))
            case 1:
                canvas.ellipse((x, y, x + dx // 6, y + dx // 6), outline=ink)
            case _:
                canvas.line((x, 0, x, side) if dx % 2 else (0, y, side, y), fill=ink)


_KINDS: tuple[Callable[..., None], ...] = (_lines, _lines, _table, _screen)


def _between(ink: Colour, paper: Colour, part: float) -> Colour:
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(ink, paper, strict=True))
    return red, green, blue
