"""Room for the pixels of an output: memory, or for long stacks the disk."""

from __future__ import annotations

import os
import tempfile
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from irrm_core.errors import ImageFileError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import DTypeLike, NDArray

IN_MEMORY = 1 << 30
"""Bytes up to which an output is kept in memory until it is written."""


def room_for(
    shape: tuple[int, ...], dtype: DTypeLike, folder: Path, *, in_memory: int | None = None
) -> NDArray[Any]:
    """Return an array to be filled.

    A large one is mapped onto a file without a name in `folder`: however the process ends,
    the system takes its space back.

    Raises
    ------
    ImageFileError
        The disk has no room for it.
    """
    size = prod(shape) * np.dtype(dtype).itemsize
    if size <= (IN_MEMORY if in_memory is None else in_memory):
        return np.empty(shape, dtype)
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            _reserve(file.fileno(), size)
            return np.memmap(file, dtype, "w+", shape=shape)
    except OSError as why:
        raise ImageFileError(
            f"{folder}: no room for {size / 1e9:.1f} GB of pixels ({why.strerror or why}); free "
            "some, or choose another output folder"
        ) from why


def _reserve(handle: int, size: int) -> None:
    """Take the space now: writing to a mapped file on a full disk would end the process."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(handle, 0, size)
