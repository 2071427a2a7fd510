"""napari's reader of LR files, and of no others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

LayerTuple = tuple[Any, dict[str, Any], str]
Reader = Callable[[str | Sequence[str]], list[LayerTuple]]


def get_reader(path: str | Sequence[str]) -> Reader | None:
    """Return the reader if every path is an LR file with a record; None for all other files."""
    raise NotImplementedError


def read(path: str | Sequence[str]) -> list[LayerTuple]:
    """Return an image layer for each LR file."""
    raise NotImplementedError
