"""Smaller levels of results that are too large to be shown whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from irrm_core.engine.layout import Layout, PlaneIndex
from numpy.typing import NDArray


@dataclass(frozen=True)
class Pyramid:
    """A result and its smaller levels, which are filled plane by plane as planes come."""

    layout: Layout
    levels: tuple[NDArray[Any], ...]
    """Level 0 is the result itself, each next one half as large; only level 0 if small."""

    @property
    def multiscale(self) -> bool:
        """Whether there is more than level 0."""
        return len(self.levels) > 1

    def plane_done(self, plane: PlaneIndex) -> None:
        """Fill the smaller levels of a plane from level 0; any thread."""
        raise NotImplementedError


def pyramid(result: NDArray[Any], axes: str) -> Pyramid:
    """Return a result with room for smaller levels, if its Y or X is large."""
    raise NotImplementedError
