"""What a comparison of two layers found."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from napari_irrm.comparing.score import Score, pool

if TYPE_CHECKING:
    from irrm_core.engine import Layout

COLOURS = ("red", "green", "blue")


@dataclass(frozen=True)
class Row:
    """One channel of one plane.

    Attributes
    ----------
    plane : int
        Number of the plane, in the order of the leading axes.
    place : tuple of int
        Where the plane lies on each leading axis.
    channel : int
        Index on the C axis, or of the colour of an RGB image; 0 if there is one only.
    score : Score
        What was measured.
    """

    plane: int
    place: tuple[int, ...]
    channel: int
    score: Score


@dataclass(frozen=True)
class Point:
    """One place on one axis: all its planes of one channel.

    Attributes
    ----------
    index : int
        On the axis.
    score : Score
        Of the planes together.
    worst : Row
        Its plane with the lowest PSNR.
    """

    index: int
    score: Score
    worst: Row


@dataclass(frozen=True)
class Comparison:
    """How closely a layer was restored, plane by plane.

    Attributes
    ----------
    original, restored : str
        Names of the layers.
    layout : Layout
        Axes and shape of the original.
    rows : tuple of Row
        One for each plane and colour, in order.
    """

    original: str
    restored: str
    layout: Layout
    rows: tuple[Row, ...]

    @property
    def leading(self) -> str:
        """Letters of the axes that planes are numbered along, in order."""
        return "".join(axis for axis in self.layout.axes if axis not in "YXS")

    @property
    def moving(self) -> str:
        """Those of the leading axes, channels apart, that are longer than one."""
        sizes = dict(zip(self.layout.axes, self.layout.shape, strict=True))
        return "".join(axis for axis in self.leading if axis != "C" and sizes[axis] > 1)

    @property
    def channels(self) -> tuple[str, ...]:
        """What the channels are called: colours, numbers on the C axis, or one empty name."""
        if self.layout.colours == 3:
            return COLOURS
        if self.layout.channels > 1:
            return tuple(f"C {number}" for number in range(self.layout.channels))
        return ("",)

    @cached_property
    def total(self) -> Score:
        """All planes and channels together."""
        return pool(row.score for row in self.rows)

    @cached_property
    def by_channel(self) -> tuple[Score, ...]:
        """All planes of each channel."""
        return tuple(
            pool(row.score for row in self.rows if row.channel == channel)
            for channel in range(len(self.channels))
        )

    @property
    def worst(self) -> Row:
        """The row with the lowest PSNR."""
        return min(self.rows, key=lambda row: row.score.psnr)

    def along(self, axis: str | None) -> tuple[tuple[Point, ...], ...]:
        """Return for each channel the scores along one axis, planes of the others pooled.

        Parameters
        ----------
        axis : str, optional
            One of `moving`; without it the planes are numbered through, channels apart.
        """
        found: list[dict[int, list[Row]]] = [defaultdict(list) for _ in self.channels]
        for row in self.rows:
            found[row.channel][self._index(row.place, axis)].append(row)
        return tuple(
            tuple(
                Point(
                    index,
                    pool(row.score for row in rows),
                    min(rows, key=lambda row: row.score.psnr),
                )
                for index, rows in sorted(of_channel.items())
            )
            for of_channel in found
        )

    def index_along(self, axis: str | None, plane: int) -> int:
        """Return where a plane lies on an axis as `along` draws it."""
        return self._index(self.rows[plane * self.layout.colours].place, axis)

    def _index(self, place: tuple[int, ...], axis: str | None) -> int:
        if axis is not None:
            return place[self.leading.index(axis)]
        number = 0
        for letter, at in zip(self.leading, place, strict=True):
            if letter != "C":
                number = number * self.layout.shape[self.layout.axes.index(letter)] + at
        return number

    def place_in_words(self, row: Row) -> str:
        """Return where a row is, such as ``"T 87, C 1"``; empty for a single plane."""
        sizes = dict(zip(self.layout.axes, self.layout.shape, strict=True))
        parts = [
            f"{letter} {at}"
            for letter, at in zip(self.leading, row.place, strict=True)
            if sizes[letter] > 1
        ]
        if self.layout.colours == 3:
            parts.append(COLOURS[row.channel])
        return ", ".join(parts)
