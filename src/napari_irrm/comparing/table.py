"""A comparison as rows of text and numbers: what the table and the CSV file show."""

from __future__ import annotations

import csv
import io
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from irrm_core.imagefile import atomic_output

if TYPE_CHECKING:
    from napari_irrm.comparing.comparison import Comparison
    from napari_irrm.comparing.score import Score

ALL = "all"
"""Where a line is about all places on an axis, or all channels."""


@dataclass(frozen=True)
class Measure:
    """One column of numbers.

    Attributes
    ----------
    key : str
        Attribute of `Score`.
    label : str
        For people.
    heading : str
        In a CSV file.
    format : str
        For people.
    rising : bool
        Whether more is better.
    """

    key: str
    label: str
    heading: str
    format: str
    rising: bool

    def of(self, score: Score) -> float | None:
        """Return the number; None if there is none."""
        value: float | None = getattr(score, self.key)
        return value

    def text(self, score: Score) -> str:
        """Return the number as people read it."""
        value = self.of(score)
        return "–" if value is None else format(value, self.format).replace("inf", "∞")


MEASURES = (
    Measure("psnr", "PSNR, dB", "psnr_db", ".2f", True),
    Measure("ssim", "SSIM", "ssim", ".4f", True),
    Measure("largest", "Largest error", "largest_error", ".5g", False),
    Measure("bias", "Bias", "bias", "+.2g", False),
    Measure("p999", "99.9 % within", "error_99.9_percent", ".5g", False),
)


@dataclass(frozen=True)
class Line:
    """One line: where, and how close.

    Attributes
    ----------
    place : tuple of int or str
        Under each of `place_headings`; `ALL` where planes or channels are pooled.
    score : Score
        What was measured.
    plane : int or None
        Number of the plane; None where several are pooled.
    """

    place: tuple[int | str, ...]
    score: Score
    plane: int | None = None


def place_headings(comparison: Comparison) -> tuple[str, ...]:
    """Return what places are given by: leading axes longer than one, and colour."""
    long = tuple(letter for letter in comparison.leading if _long(comparison, letter))
    return (*long, "Colour") if comparison.layout.colours == 3 else long


def lines(comparison: Comparison) -> tuple[Line, ...]:
    """Return the total, each channel if there are several, then plane by plane."""
    headings = place_headings(comparison)
    summary = [Line((ALL,) * len(headings), comparison.total)]
    several = len(comparison.channels) > 1
    if several and len(comparison.rows) > len(comparison.channels):
        for channel, score in enumerate(comparison.by_channel):
            place = tuple(_channel(comparison, h, channel) for h in headings)
            summary.append(Line(place, score))
    if len(comparison.rows) == 1:
        return (Line(summary[0].place, comparison.total, comparison.rows[0].plane),)
    return (
        *summary,
        *(
            Line(
                tuple(
                    comparison.channels[row.channel]
                    if heading == "Colour"
                    else row.place[comparison.leading.index(heading)]
                    for heading in headings
                ),
                row.score,
                row.plane,
            )
            for row in comparison.rows
        ),
    )


def to_csv(comparison: Comparison, path: str | os.PathLike[str], *, overwrite: bool) -> None:
    """Write all lines into a CSV file; numbers as precise as they were measured.

    Parameters
    ----------
    comparison : Comparison
        What was found.
    path : path
        Of the file.
    overwrite : bool
        Whether a file that is there may be replaced.

    Raises
    ------
    OutputExistsError
        The file is there and must not be replaced.
    ImageFileError
        The file cannot be written.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    headings = place_headings(comparison)
    writer.writerow(
        [
            *("original", "restored", "plane", *(heading.lower() for heading in headings)),
            *(measure.heading for measure in MEASURES),
            *("peak", "pixels"),
        ]
    )
    for line in lines(comparison):
        writer.writerow(
            [
                *(comparison.original, comparison.restored),
                *(ALL if line.plane is None else line.plane, *line.place),
                *(measure.of(line.score) for measure in MEASURES),
                *(line.score.peak, line.score.pixels),
            ]
        )
    with atomic_output(path, overwrite) as stream:
        stream.write(text.getvalue().encode("utf-8"))


def _long(comparison: Comparison, letter: str) -> bool:
    return comparison.layout.shape[comparison.layout.axes.index(letter)] > 1


def _channel(comparison: Comparison, heading: str, channel: int) -> int | str:
    if heading == "Colour":
        return comparison.channels[channel]
    return channel if heading == "C" else ALL
