"""Make ``docs/gallery.md``: what models make of hard pictures, beside what bicubic makes of them.

``python docs/gallery.py`` makes the page again from the pictures beside it, with the newest fast
models; ``--pictures FOLDER --out FOLDER`` makes the same page of your own. The same models and
pictures make the same page, offline. What cannot be shown is named on the page, with the reason.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from gallery_page import MADE, Page, Section, markdown
from gallery_trip import Corner, read_plane, strip, travel, worst_corner
from PIL import Image

from irrm_core import IrrmError, Rescaler, list_models
from irrm_core.errors import UsageError

DOCS = Path(__file__).resolve().parent
IMAGES = Path("images", "gallery")
ORIGINALS = DOCS / IMAGES / "originals"
_FAST = re.compile(r"irrm-fast(-gray)?-x\d+")
_BROWSERS = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".avif"})

_HARD = """\
[These pictures](images/gallery/originals/SOURCES.md) are hard to restore; no model was trained or
validated on them."""
_OWN = "A strip shows the place that was restored worst at the largest scale."

_LOOKED = """\
## What was seen

On these pictures, on Set5, Set14 and Kodak ([figures](../benchmarks/artefacts.md)), and, for the
single-channel models, on 16-bit microscopy.
"""
SEEN = {
    ("irrm-fast-x2@1", "irrm-fast-x4@1", "irrm-fast-gray-x2@1"): """\
- **Photographs are clean**: ringing as bicubic's at x2 and half of it at x4, no checkerboard, one
  coloured dot in all 24 of Kodak at either scale, and the LR looks as bicubic's at its own size.
- **Gray detail finer than the LR's pixels is kept as faint hues of the LR.** Enlarged, one sees it:
  green and purple in the letters of a text, orange and blue in a hatching. Where it is too much,
  the restoration is tinted: slats of a fence (Kodak 19 at x4), thin coloured lines (at x2 a green
  tick comes back gray).
- **Print below 10 pixels cannot be read at x4**, nor is any stroke of a pixel whole; at x2 it can.
- **Pure colours are worse than with bicubic**: edges ring and checkers come back as stripes. The
  training photographs hold few such colours.
- **One channel has no hues to keep detail in**: little more than bicubic, and as clean.
""",
    ("irrm-fast-x4@2",): """\
- **Pure colours** are in its training data, and a little better than with bicubic now: flats and
  their edges are clean (ringing on the chart 3 levels, where version 1 had 22), checkers of 8
  pixels come back, of 4 and 2 not. Where one hue meets another, version 1 drew a hatching; this
  one does not.
- **Print** of 13 pixels can be read, below 10 it cannot; thin lines keep their places but not
  their evenness.
- **Slats and hatchings finer than the LR's pixels are still tinted**, in the LR and restored.
- Ten coloured dots in all 24 of Kodak; one has to look for them.
""",
}
"""What people saw who looked, by the models with which they did."""


@dataclass(frozen=True)
class Exhibit:
    """A picture to show.

    Attributes
    ----------
    path : Path
        The file.
    title, note : str
        Heading, and what to look at.
    corner : tuple of int, optional
        Upper left corner of the crop; the place that is restored worst, without one.
    """

    path: Path
    title: str
    note: str = ""
    corner: Corner | None = None


def _ours(name: str, title: str, note: str, corner: Corner) -> Exhibit:
    return Exhibit(ORIGINALS / name, title, note, corner)


OURS = (
    _ours("text.png", "Text", "Print of 20 to 7 pixels, black, inverted and coloured.", (40, 8)),
    _ours(
        "screen.png", "A screen", "Code, buttons, a chart, icons with lines of a pixel.", (96, 216)
    ),
    _ours("fine-texture.png", "Fine texture", "The fur of a raccoon.", (40, 32)),
    _ours("face.png", "A face", "Eileen Collins.", (64, 88)),
    _ours("foliage.png", "Foliage", "Leaves, dry blades before the dark.", (120, 192)),
    _ours("line-art.png", "Line art", "A map: contours, hatching, a compass.", (160, 272)),
    _ours("histology.png", "Microscopy in colour", "Stained tissue.", (96, 96)),
    _ours(
        "fluorescence.png",
        "Microscopy, one channel",
        "Simulated cells, 16 bits, by single-channel models. Shown with the range of the data "
        "spread over the screen's; GitHub shows the file itself too dark.",
        (32, 40),
    ),
    _ours(
        "colour-chart.png",
        "A chart of pure colours",
        "Flats, ramps and checkers of colours that photographs hardly have.",
        (128, 64),
    ),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the page; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", action="append", help="in place of the newest fast ones; repeat")
    parser.add_argument("--pictures", type=Path, help="folder of pictures, in place of ours")
    parser.add_argument("--out", type=Path, help="folder for gallery.md and its images")
    given = parser.parse_args(arguments)
    if (given.pictures is None) != (given.out is None):
        parser.error("--pictures and --out go together")
    try:
        rescalers = [Rescaler(model, precision="fp32") for model in given.model or newest_fast()]
        exhibits = OURS if given.pictures is None else exhibits_in(given.pictures)
        page = make(exhibits, rescalers, given.out or DOCS, own=given.pictures is not None)
    except (IrrmError, OSError) as error:
        print(f"gallery: {error}", file=sys.stderr)
        return 2
    print(f"{(given.out or DOCS) / 'gallery.md'}: {len(page.sections)} pictures")
    for line in page.left_out:
        print(f"left out: {line}", file=sys.stderr)
    return 0 if page.sections else 1


def newest_fast() -> list[str]:
    """Return the newest version of every fast model, colour before gray, by scale."""
    newest = {card.name: card for card in reversed(list_models()) if _FAST.fullmatch(card.name)}
    if not newest:
        raise UsageError("no fast models are installed; see irrm models list, or give --model")
    cards = sorted(newest.values(), key=lambda card: (-card.channels, card.scale))
    return [card.id for card in cards]


def exhibits_in(folder: Path) -> list[Exhibit]:
    """Return all files below a folder, as pictures to show."""
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder; name one with pictures")
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    if not files:
        raise UsageError(f"{folder}: is empty; name a folder with pictures")
    return [Exhibit(path, path.relative_to(folder).as_posix()) for path in files]


def make(
    exhibits: Iterable[Exhibit], rescalers: Sequence[Rescaler], out: Path, *, own: bool
) -> Page:
    """Make page and images below a folder; an older page of this command is replaced."""
    target = out / "gallery.md"
    older = target.read_text(encoding="utf-8") if target.exists() else ""
    if target.exists() and not older.startswith(MADE):
        raise UsageError(f"{target}: was not made by this command; choose another folder")
    (out / IMAGES).mkdir(parents=True, exist_ok=True)
    models = tuple(rescaler.model.card.id for rescaler in rescalers)
    sections, left_out = [], []
    for number, exhibit in enumerate(exhibits, 1):
        stem = f"{number:02}-{exhibit.path.stem}" if own else exhibit.path.stem
        try:
            image, about = read_plane(exhibit.path)
            channels = 1 if image.ndim == 2 else 3
            fitting = [r for r in rescalers if r.model.card.channels == channels]
            if not fitting:
                raise UsageError(f"none of the models has {channels} channels")
            trips = tuple(travel(image, rescaler) for rescaler in fitting)
        except (IrrmError, OSError) as error:
            left_out.append(f"{exhibit.title}: {error}")
            continue
        corner = exhibit.corner or worst_corner(trips[-1])
        height, width = image.shape[:2]
        shown = exhibit.path.suffix.lower() in _BROWSERS
        sections.append(
            Section(
                title=exhibit.title,
                note=" ".join(filter(None, (exhibit.note, about and f"Shown: {about}."))),
                original=_link(exhibit.path, out) if shown else "",
                size=(height, width),
                trips=trips,
                corner=corner,
                strips=tuple(
                    _save(strip(trip, corner), out, f"{stem}-{trip.model}") for trip in trips
                ),
                lrs=tuple(
                    _save(Image.fromarray(trip.lr), out, f"{stem}-{trip.model}-lr")
                    for trip in trips
                ),
            )
        )
    page = Page(
        pictures=_OWN if own else _HARD,
        models=models,
        sections=tuple(sections),
        left_out=tuple(left_out),
        seen="" if own else _seen(models),
    )
    text = markdown(page)
    target.write_text(text, encoding="utf-8")
    _remove_stale(older, text, out)
    return page


def _seen(models: Sequence[str]) -> str:
    """Return what was seen with these models, as far as anybody looked."""
    parts = [
        f"With {', '.join(used)}:\n\n{said}" for used, said in SEEN.items() if {*used} & {*models}
    ]
    return "\n".join([_LOOKED, *parts]) if parts else ""


def _remove_stale(older: str, page: str, out: Path) -> None:
    """Delete images that an older page showed and this one does not."""
    links = re.compile(r"images/gallery/[^/)]+\.webp")
    for link in {*links.findall(older)} - {*links.findall(page)}:
        (out / IMAGES / Path(unquote(link)).name).unlink(missing_ok=True)


def _save(image: Image.Image, out: Path, name: str) -> str:
    """Write an image without loss; return its link."""
    path = IMAGES / f"{name}.webp"
    image.convert("RGB").save(out / path, lossless=True, method=4)
    return _quoted(path)


def _link(path: Path, out: Path) -> str:
    return _quoted(Path(os.path.relpath(path.resolve(), out.resolve())))


def _quoted(path: Path) -> str:
    return quote(path.as_posix(), safe="/@")


if __name__ == "__main__":
    sys.exit(main())
