"""The tile plan: which parts of a plane go through the network, and with how much context."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise, product


@dataclass(frozen=True)
class Span:
    """A half-open interval of LR rows or columns."""

    start: int
    stop: int

    @property
    def size(self) -> int:
        """How many there are."""
        return self.stop - self.start

    def scaled(self, scale: int) -> slice:
        """Return the slice of HR rows or columns."""
        return slice(self.start * scale, self.stop * scale)

    def within(self, outer: Span, scale: int = 1) -> slice:
        """Return the slice that takes this interval, scaled, out of another."""
        return Span(self.start - outer.start, self.stop - outer.start).scaled(scale)


@dataclass(frozen=True)
class Tile:
    """A part of a padded plane, in LR pixels.

    Attributes
    ----------
    rows, columns : Span
        The core: what is kept of the result. Cores cover the plane once.
    outer_rows, outer_columns : Span
        What the network is fed: the core with its halo, ending at the plane's border.
    """

    rows: Span
    columns: Span
    outer_rows: Span
    outer_columns: Span


@dataclass(frozen=True)
class TileGrid:
    """All that tiles of one plane have in common.

    Attributes
    ----------
    height, width : int
        Of the padded plane in LR pixels, multiples of `multiple`.
    halo : int
        LR pixels of context on each side; rounded up to `multiple`.
    multiple : int
        LR pixels on multiples of which tiles begin: 1, or 2 for networks that go one Haar
        level deeper than the LR.
    """

    height: int
    width: int
    halo: int
    multiple: int = 1

    def plan(self, side: int) -> list[Tile]:
        """Cover the plane with tiles whose cores are at most `side` LR pixels wide and high.

        They are as even as multiples allow: no slivers at the end.
        """
        whole = Tile(*[Span(0, self.height), Span(0, self.width)] * 2)
        return self.divide(whole, side)

    def divide(self, tile: Tile, side: int) -> list[Tile]:
        """Cover the core of a tile with tiles of at most `side` LR pixels."""
        return [
            Tile(rows, columns, self._grown(rows, self.height), self._grown(columns, self.width))
            for rows, columns in product(self._cut(tile.rows, side), self._cut(tile.columns, side))
        ]

    def _cut(self, span: Span, side: int) -> list[Span]:
        units = span.size // self.multiple
        count = -(-units // max(side // self.multiple, 1))
        cuts = [span.start + units * k // count * self.multiple for k in range(count + 1)]
        return [Span(start, stop) for start, stop in pairwise(cuts)]

    def _grown(self, span: Span, size: int) -> Span:
        halo = -(-self.halo // self.multiple) * self.multiple
        return Span(max(span.start - halo, 0), min(span.stop + halo, size))
