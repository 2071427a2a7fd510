"""Memory for a result: the machine's, or the disk's where that is too small."""

from __future__ import annotations

import tempfile
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from irrm_core.errors import ImageFileError, OutOfMemoryError
from napari_irrm.words import size_text

_COMFORTABLE = 0.5


def allocate(
    shape: tuple[int, ...],
    dtype: DTypeLike,
    *,
    free: int | None = None,
    folder: Path | None = None,
) -> NDArray[Any]:
    """Return an array of zeros to be filled.

    It lies in memory if it takes at most half of what is free there; else it is mapped onto
    a file without a name, which vanishes with the array however the process ends.

    Parameters
    ----------
    shape, dtype
        Of the array.
    free : int, optional
        Bytes of memory that are free; by default what the system says.
    folder : Path, optional
        For the file; by default that of temporary files, one on a disk if there is.

    Raises
    ------
    OutOfMemoryError
        Neither memory nor disk have room.
    """
    from irrm_core.archive.room import room_for

    size = prod(shape) * np.dtype(dtype).itemsize
    if size <= _COMFORTABLE * (free_memory() if free is None else free):
        return np.zeros(shape, dtype)
    place = folder or _disk()
    try:
        return room_for(shape, dtype, place, in_memory=0)
    except ImageFileError as why:
        raise OutOfMemoryError(
            f"the result takes {size_text(size)}, more than memory and {place} have room for; "
            "close other layers, free some disk space, or set TMPDIR to a larger disk"
        ) from why


def free_memory() -> int:
    """Return the bytes of memory that can be taken without swapping."""
    import psutil

    return int(psutil.virtual_memory().available)


def _disk() -> Path:
    from irrm_core.filesystem import filesystem_of

    temporary = Path(tempfile.gettempdir())
    # What lies in a tmpfs lies in memory, which is too small as it is.
    on_disk = Path("/var/tmp")
    in_memory = filesystem_of(temporary).type in ("tmpfs", "ramfs")
    return on_disk if in_memory and on_disk.is_dir() else temporary
