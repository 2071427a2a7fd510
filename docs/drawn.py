"""Pictures for the gallery that no camera took: a text page, a screen, a map, a colour chart.

``python docs/drawn.py`` draws them again, with Pillow and its own font, from fixed numbers: always
the same picture where Pillow is the same.
"""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Pixels = NDArray[np.uint8]
Point = tuple[float, float]
Colour = tuple[int, int, int]

SIDE = 384
"""Side of a square picture in pixels."""
_FINE = 4
"""Lines are drawn so many times larger and averaged, which smooths their edges."""

_WORDS = (
    "Small pictures that restore the large ones keep what the eye would miss: strokes a pixel "
    "wide, the dot of an i, the gap inside an e. Letters are the hardest test, for everybody "
    "knows how they must look, and half a pixel more or less is seen at once. "
)

_CODE = """\
def restore(small, model):
    latent = zeros(4, 45)
    for step in reversed(model):
        # undo one block
        small, latent = step(small)
    if small.min() < 0:
        raise ValueError('out')
    return small * 255 + 0.5

class Tile:
    x: int = 0   # pixels
    y: int = 0
""".splitlines()


def text_page() -> Pixels:
    """Return a page of print: sizes from 20 down to 7 pixels, black, inverted and coloured."""
    sheet = Image.new("RGB", (SIDE, SIDE), "white")
    draw = ImageDraw.Draw(sheet)
    top = 8
    draw.text((10, top), "Rescaling, 1234567890", fill="black", font=_font(20))
    top += 30
    for size, lines in ((13, 4), (10, 5), (8, 4), (7, 3)):
        for line in _lines(size, SIDE - 20)[:lines]:
            draw.text((10, top), line, fill=(20, 20, 20), font=_font(size))
            top += round(size * 1.35)
        top += 5
    bands: tuple[tuple[Colour, Colour], ...] = (
        ((0, 0, 0), (255, 255, 255)),
        ((32, 44, 57), (235, 180, 70)),
        ((255, 255, 255), (220, 0, 0)),
        ((255, 255, 255), (0, 0, 255)),
        ((0, 0, 160), (255, 255, 0)),
        ((220, 0, 0), (0, 220, 220)),
    )
    height = (SIDE - top) // len(bands)
    for number, (paper, ink) in enumerate(bands):
        at = top + number * height
        draw.rectangle((0, at, SIDE, at + height - 1), fill=paper)
        draw.text((10, at + 2), "coloured ink, 11 and 8 pixels high:", fill=ink, font=_font(11))
        draw.text((210, at + 4), "ill, will, mm, WWW, {[(e.g.)]}", fill=ink, font=_font(8))
    return np.asarray(sheet)


def screen() -> Pixels:
    """Return what a screenshot may show: a window, buttons, coloured code, a chart, icons."""
    sheet = Image.new("RGB", (SIDE, SIDE), (236, 239, 244))
    draw = ImageDraw.Draw(sheet)
    draw.rectangle((0, 0, SIDE, 21), fill=(46, 52, 64))
    draw.text((8, 4), "archive.py - Editor", fill=(236, 239, 244), font=_font(11))
    for x, colour in ((340, "#ebcb8b"), (354, "#a3be8c"), (368, "#bf616a")):
        draw.ellipse((x, 7, x + 8, 15), fill=colour)
    for x, name in zip(range(8, 300, 44), ("File", "Edit", "View", "Run", "Help"), strict=False):
        draw.text((x, 26), name, fill=(30, 30, 30), font=_font(10))
    draw.line((0, 42, SIDE, 42), fill=(180, 184, 192))
    draw.rectangle((8, 50, 246, 236), fill=(29, 31, 40), outline=(90, 96, 110))
    inks = ("#c792ea", "#82aaff", "#c3e88d", "#f78c6c", "#ff5370", "#eeffff", "#ffcb6b")
    for number, row in enumerate(_CODE):
        y = 55 + number * 15
        draw.text((14, y + 1), f"{number + 1:>2}", fill=(96, 104, 122), font=_font(9))
        at = 34.0 + 6 * (len(row) - len(row.lstrip()))
        for count, word in enumerate(row.split()):
            draw.text((at, y), word, fill=inks[(number + count) % len(inks)], font=_font(11))
            at += draw.textlength(word + " ", font=_font(11))
    for number, (label, fill) in enumerate(
        (("Save", "#2f6fed"), ("Undo", "#f4f5f8"), ("Stop", "#e5484d"))
    ):
        box = (256, 52 + number * 26, 322, 72 + number * 26)
        draw.rounded_rectangle(box, 4, fill=fill, outline=(140, 146, 160))
        ink = (30, 30, 30) if number == 1 else (255, 255, 255)
        draw.text((box[0] + 18, box[1] + 4), label, fill=ink, font=_font(11))
    for number in range(4):
        box = (256, 136 + number * 18, 266, 146 + number * 18)
        draw.rectangle(box, fill="white", outline=(100, 104, 112))
        if number % 2 == 0:
            draw.line((258, box[1] + 5, 261, box[1] + 8, 265, box[1] + 2), fill=(20, 120, 20))
        draw.text((272, box[1] - 2), f"keep layer {number + 1}", fill=(40, 40, 40), font=_font(10))
    draw.rectangle((256, 210, 376, 236), fill="white", outline=(150, 150, 158))
    draw.text((260, 216), "0.25 um, 16-bit, #4D00FF", fill=(77, 0, 255), font=_font(9))
    _bars(draw)
    for number in range(12):
        box = (8 + number * 31, 352, 32 + number * 31, 376)
        _icon(draw, box, number)
    return np.asarray(sheet)


def _bars(draw: ImageDraw.ImageDraw) -> None:
    draw.rectangle((8, 244, 376, 344), fill="white", outline=(150, 150, 158))
    for level in range(5):
        y = 256 + level * 18
        draw.line((36, y, 370, y), fill=(222, 224, 230))
        draw.text((14, y - 5), f"{40 - 10 * level}", fill=(90, 90, 90), font=_font(8))
    colours = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")
    for number in range(20):
        height = 10 + (number * 37) % 61
        x = 42 + number * 16
        draw.rectangle((x, 328 - height, x + 9, 328), fill=colours[number % 4])
        draw.text((x, 331), f"{number + 1}", fill=(60, 60, 60), font=_font(8))
    curve = [(42 + x, 290 - 28 * math.sin(x / 17) - x / 20) for x in range(0, 320, 4)]
    draw.line(curve, fill=(200, 0, 0))


def _icon(draw: ImageDraw.ImageDraw, box: tuple[int, int, int, int], number: int) -> None:
    left, top, right, bottom = box
    fill = ("#ff0000", "#00c000", "#0000ff", "#ff00ff", "#00b8d4", "#ffb300")[number % 6]
    draw.rectangle(box, fill="white" if number % 2 else "black", outline=fill)
    middle = (left + right) // 2
    if number % 3 == 0:
        draw.polygon(
            ((middle, top + 4), (right - 4, bottom - 4), (left + 4, bottom - 4)), fill=fill
        )
    elif number % 3 == 1:
        draw.line((left + 4, top + 4, right - 4, bottom - 4), fill=fill)
        draw.line((left + 4, bottom - 4, right - 4, top + 4), fill=fill)
    else:
        for x, y in itertools.product(range(left + 4, right - 3, 4), range(top + 4, bottom - 3, 4)):
            draw.point((x, y), fill=fill)


def line_art() -> Pixels:
    """Return a map-like engraving: contour lines, hatching, a compass rose, thin rays."""
    side = SIDE * _FINE
    sheet = Image.new("RGB", (side, side), (250, 248, 240))
    draw = ImageDraw.Draw(sheet)
    for level in range(1, 24):
        radius = 7.0 * level
        _stroke(draw, _contour(130, 120, radius), (110, 70, 30), 1.4 if level % 5 == 0 else 0.7)
    water: list[Point] = [
        (x, 250 + 14 * math.sin(x / 31) + 6 * math.sin(x / 11)) for x in range(0, SIDE + 1, 2)
    ]
    for row in range(22):
        line = [(x, y + 3.0 + row * (3.2 + 0.18 * row)) for x, y in water]
        _stroke(draw, line, (20, 60, 130), 0.8)
    draw.polygon([(x * _FINE, y * _FINE) for x, y in _rose(300, 90, 60, 16)], fill=(20, 20, 20))
    for angle in range(0, 360, 5):
        turn = math.radians(angle)
        ends = [(300 + r * math.cos(turn), 90 + r * math.sin(turn)) for r in (64, 76)]
        _stroke(draw, ends, (20, 20, 20), 0.8)
    for radius in (62, 78):
        _stroke(draw, _contour(300, 90, radius, 0), (20, 20, 20), 0.8)
    for number in range(40):  # two fields of hatching, ever denser, and across each other
        x = 236 + 0.095 * number * number
        _stroke(draw, [(x, 184), (x - 14, 238)], (20, 20, 20), 0.7)
        _stroke(draw, [(x - 14, 184), (x, 238)], (150, 20, 20), 0.5)
    for number in range(46):
        turn = math.radians(180 + number * 2)
        ends = [(SIDE - 4 + r * math.cos(turn), SIDE - 4 + r * math.sin(turn)) for r in (8, 92)]
        _stroke(draw, ends, (0, 0, 0), 0.6)
    small = sheet.resize((SIDE, SIDE), Image.Resampling.BOX)
    labels = ImageDraw.Draw(small)
    for x, y, label in ((60, 40, "Mt. Haar 1910"), (20, 350, "Bay of Z"), (282, 172, "scale 1:4")):
        labels.text((x, y), label, fill=(20, 20, 20), font=_font(10))
    return np.asarray(small)


def colour_chart() -> Pixels:
    """Return saturated flats, gradients and checkers: colours that photographs hardly have."""
    side = 256
    chart = np.zeros((side, side, 3), dtype=np.uint8)
    corners = [c for c in itertools.product((0, 255), repeat=3) if 0 < sum(c) < 765]
    flats = [*corners, (77, 0, 255), (255, 77, 0)]
    for number, colour in enumerate(flats):
        chart[:64, number * 32 : (number + 1) * 32] = colour
    ramp = np.linspace(0, 1, side)
    for row, (start, stop) in enumerate(itertools.pairwise([*corners, corners[0]])):
        band = np.outer(1 - ramp, start) + np.outer(ramp, stop)
        chart[64 + row * 16 : 80 + row * 16] = np.rint(band)
    y, x = np.indices((96, side))
    for number, (first, second) in enumerate(itertools.combinations(corners[:4], 2)):
        part = slice(number * side // 6, (number + 1) * side // 6)
        for row, cell in enumerate((8, 4, 2)):
            odd = ((x // cell + y // cell) % 2 == 1)[row * 32 : (row + 1) * 32, part, None]
            chart[160 + row * 32 : 192 + row * 32, part] = np.where(odd, first, second)
    return chart


def _font(size: float) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont), "Pillow was built without FreeType"
    return font


def _lines(size: int, width: int) -> list[str]:
    """Break the words into lines of at most a width."""
    lines, line = [], ""
    for word in (_WORDS * 2).split():
        longer = f"{line} {word}".strip()
        if _font(size).getlength(longer) > width:
            lines.append(line)
            longer = word
        line = longer
    return lines


def _contour(x: float, y: float, radius: float, wobble: float = 0.11) -> list[Point]:
    points = []
    for step in range(181):
        turn = math.radians(2 * step)
        r = radius * (
            1 + wobble * math.sin(3 * turn + radius / 40) + wobble / 2 * math.sin(7 * turn)
        )
        points.append(
            (
                x + r * math.cos(turn),
                y + 0.72 * r * math.sin(turn) if wobble else y + r * math.sin(turn),
            )
        )
    return points


def _rose(x: float, y: float, radius: float, rays: int) -> list[Point]:
    points = []
    for step in range(2 * rays):
        r = radius * (0.18 if step % 2 else 1.0 if step % 8 == 0 else 0.62)
        turn = math.pi * step / rays
        points.append((x + r * math.cos(turn), y + r * math.sin(turn)))
    return points


def _stroke(draw: ImageDraw.ImageDraw, points: list[Point], ink: Colour, width: float) -> None:
    draw.line(
        [(x * _FINE, y * _FINE) for x, y in points], fill=ink, width=max(1, round(width * _FINE))
    )


DRAWN = {
    "text": text_page,
    "screen": screen,
    "line-art": line_art,
    "colour-chart": colour_chart,
}


if __name__ == "__main__":
    folder = Path(__file__).parent / "images" / "gallery" / "originals"
    for name, drawn in DRAWN.items():
        Image.fromarray(drawn()).save(folder / f"{name}.png", optimize=True)
        print(folder / f"{name}.png")
