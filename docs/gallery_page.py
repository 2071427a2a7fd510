"""The gallery as Markdown: what the command measured, with links to the crops."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gallery_trip import AMPLIFIED, CROP, ENLARGED, Corner, Trip

MADE = "<!-- made by docs/gallery.py -->"

_INTRODUCTION = f"""\
{MADE}
# Gallery

Pictures made small and brought back, by models and by bicubic interpolation. {{pictures}}
`make gallery` makes this page again, offline; of your own pictures,
`python docs/gallery.py --pictures FOLDER --out FOLDER` does.

A strip shows {CROP}x{CROP} pixels, enlarged {ENLARGED} times without smoothing: the original, the
LR picture (what is stored), what is restored from it, what bicubic interpolation makes of its own
LR, and restored minus original, amplified {AMPLIFIED} times, round mid-gray. LR pictures at their
true size stand above the strips.

PSNR-Y by the published protocol: luma, peak 255, a border of one scale left out of the whole; of
16-bit pictures on intensities, peak the range of the data. LR: against antialiased bicubic.
"""

_ARTEFACTS = """\
## Artefacts, counted

What a mean over pixels hides, on the same pictures, as `irrm_core.metrics.artefacts` defines it:

- **dots**: coloured dots that the original has not.
- **ringing**: root mean square error of luma in smooth places near strong edges, in levels of
  255.
- **noise**: the same in all other smooth places: noise and patterns that were not there.
- **tint**: largest shift of mean colour in any 16x16 pixels, in levels of CbCr.
- **grid**: checkerboard at the period of the scale, in levels.
- **clipped**: values that became 0 or 255.

In brackets what bicubic interpolation has. The LR is measured against bicubic's.
"""

_COMPARED = {"dots": "d", "ringing": ".1f", "noise": ".1f", "tint": ".1f", "grid": ".1f"}


@dataclass(frozen=True)
class Section:
    """A picture and what came of it.

    Attributes
    ----------
    title, note : str
        Heading, and what stands below it.
    original : str
        Link to the picture, from the page; empty where a browser cannot show it.
    size : tuple of int
        Height and width of the picture.
    trips : tuple of Trip
        By scale.
    corner : tuple of int
        Of the crop.
    strips, lrs : tuple of str
        Links to the images of each trip, from the page.
    """

    title: str
    note: str
    original: str
    size: tuple[int, int]
    trips: tuple[Trip, ...]
    corner: Corner
    strips: tuple[str, ...]
    lrs: tuple[str, ...]


@dataclass(frozen=True)
class Page:
    """The whole page.

    Attributes
    ----------
    pictures : str
        What pictures these are.
    models : tuple of str
        Ids.
    sections : tuple of Section
        In order.
    left_out : tuple of str
        Pictures that cannot be shown, with the reason.
    seen : str
        What people saw who looked; empty if nobody did.
    """

    pictures: str
    models: tuple[str, ...]
    sections: tuple[Section, ...]
    left_out: tuple[str, ...] = ()
    seen: str = ""


def markdown(page: Page) -> str:
    """Return the page."""
    parts = [
        _INTRODUCTION.format(pictures=page.pictures),
        f"Models: {', '.join(page.models)}.\n",
    ]
    if page.seen:
        parts.append(page.seen)
    parts += [_section(section) for section in page.sections]
    if page.left_out:
        parts.append("## Left out\n\n" + "".join(f"- {line}\n" for line in page.left_out))
    if page.sections:
        parts.append(_artefacts(page.sections))
    return "\n".join(parts)


def _section(section: Section) -> str:
    name, (height, width) = section.title.lower(), section.size
    pictures = []
    if section.original:
        pictures.append(f"![{name}, {width}x{height} pixels]({section.original})")
    for trip, lr in zip(section.trips, section.lrs, strict=True):
        pictures.append(f"![its LR picture by {trip.model}, at true size]({lr})")
    rows = []
    for trip in section.trips:
        (whole, plain), (crop, plain_crop) = trip.whole(), trip.at(section.corner)
        worse = " **worse than bicubic**" if whole < plain else ""
        figures = [_decibels(value) for value in (whole, plain, crop, plain_crop, trip.lr_psnr)]
        figures[0] += worse
        rows.append((f"x{trip.scale}", trip.model, *figures))
    head = ("scale", "model", "restored", "bicubic", "crop, restored", "crop, bicubic", "LR")
    strips = [
        f"![{name} at x{trip.scale} by {trip.model}: original, LR, restored, bicubic, "
        f"difference]({strip})"
        for trip, strip in zip(section.trips, section.strips, strict=True)
    ]
    lines = [f"## {section.title}", section.note, " ".join(pictures), _table(head, rows), *strips]
    return "\n\n".join(line for line in lines if line) + "\n"


def _artefacts(sections: Iterable[Section]) -> str:
    rows = []
    for section in sections:
        for trip in section.trips:
            restored, plain, lr = trip.artefacts()
            pairs = [
                f"{getattr(restored, figure):{form}} ({getattr(plain, figure):{form}})"
                for figure, form in _COMPARED.items()
            ]
            clipped, shift = f"{100 * restored.clipped:.1f} %", max(map(abs, lr.shift))
            of_lr = f"{lr.dots}", f"{lr.noise:.1f}", f"{lr.tint:.1f}", f"{shift:.1f}"
            rows.append((section.title, f"x{trip.scale}", *pairs, clipped, *of_lr))
    of_lr = "LR: dots", "LR: noise", "LR: tint", "LR: shift"
    return f"{_ARTEFACTS}\n{_table(('picture', 'scale', *_COMPARED, 'clipped', *of_lr), rows)}\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _decibels(value: float) -> str:
    return "equal" if math.isinf(value) else f"{value:.2f} dB"
