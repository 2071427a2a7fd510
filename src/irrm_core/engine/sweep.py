"""Going over the tiles of a plane: cancel, progress, and smaller tiles when memory runs out."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch

from irrm_core.engine.passes import is_out_of_memory
from irrm_core.engine.tiling import Tile, TileGrid
from irrm_core.errors import OutOfMemoryError
from irrm_core.progress import Cancel, Progress


@contextmanager
def reported(progress: Progress, what: str, total: int) -> Iterator[None]:
    """Begin a piece of work and end it, done or not."""
    progress.begin(what, total)
    try:
        yield
    finally:
        progress.end()


def sweep(
    grid: TileGrid,
    side: int,
    step: Callable[[Tile], None],
    *,
    steps: int,
    progress: Progress,
    cancel: Cancel,
) -> int:
    """Do all tiles of a plane.

    When memory runs out the tiles that are not done are halved and tried again; the
    finished ones are kept.

    Parameters
    ----------
    grid : TileGrid
        Of the plane.
    side : int
        Largest side of a tile's core in LR pixels.
    step : callable
        Takes a tile through the network and writes its core.
    steps : int
        By how many the progress advances, however often tiles are halved, on this plane or on
        one before.
    progress : Progress
        Told of them as tiles are done.
    cancel : Cancel
        Looked at before each tile.

    Returns
    -------
    int
        The side that sufficed; smaller than `side` after a shortage.

    Raises
    ------
    OutOfMemoryError
        Not even the smallest tile fits.
    Cancelled
        The job was cancelled.
    """
    pending = deque(grid.plan(side))
    told, done = 0, 0
    while pending:
        cancel.check()
        tile = pending[0]
        if _fits(step, tile):
            pending.popleft()
            done += tile.rows.size * tile.columns.size
            due = done * steps // (grid.height * grid.width)
            if due > told:
                progress.advance(due - told)
            told = due
            continue
        # What is halved is what failed, which may be smaller than the side allowed.
        halved = max(tile.rows.size, tile.columns.size) // 2
        if halved < grid.multiple:
            raise OutOfMemoryError(
                "not enough memory for the smallest tile; close other programs, or use "
                "another device or a smaller model"
            )
        side = min(side, halved)
        pending = deque(part for tile in pending for part in grid.divide(tile, side))
    return side


def _fits(step: Callable[[Tile], None], tile: Tile) -> bool:
    # The error is let go of here: its traceback would hold the tensors that fill the memory.
    try:
        step(tile)
    except Exception as error:
        if not is_out_of_memory(error):
            raise
    else:
        return True
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    return False
