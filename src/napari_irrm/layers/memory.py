"""Memory for a result."""

from __future__ import annotations

from typing import Any

from numpy.typing import DTypeLike, NDArray


def allocate(shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
    """Return an array to be filled: in memory, or on a file that vanishes with it."""
    raise NotImplementedError
