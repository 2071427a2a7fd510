"""One timed round trip, and how long a megapixel takes on the CPU."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from time import perf_counter, process_time
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from irrm_core.benchmark.contestants import Fast
from irrm_core.progress import Cancel
from irrm_core.zoo import Model

SIDE = 512
"""Of the square that `cpu_seconds` and `seconds_per_megapixel` take."""


class Contestant(Protocol):
    """What downscales an array of bytes, and restores what came out."""

    def downscale(self, image: NDArray[np.uint8], /) -> Any:
        """Downscale (H, W) or (H, W, 3)."""

    def restore(self, lr: Any, /) -> Any:
        """Restore what `downscale` gave."""


def noise(size: tuple[int, int], channels: int) -> NDArray[np.uint8]:
    """Make noise: how long a network takes does not depend on the picture."""
    shape = size if channels == 1 else (*size, channels)
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


def round_trip(contestant: Contestant, image: NDArray[np.uint8]) -> tuple[float, float]:
    """Return the seconds of downscaling and of restoring."""
    start = perf_counter()
    lr = contestant.downscale(image)
    between = perf_counter()
    contestant.restore(lr)
    return between - start, perf_counter() - between


def cpu_seconds(
    model: Model,
    *,
    precision: str = "fp32",
    threads: int | None = None,
    repeat: int = 3,
    cancel: Cancel | None = None,
) -> float:
    """Return the CPU time in which a megapixel of HR is downscaled and restored, in seconds.

    Parameters
    ----------
    model : Model
        Its own number of channels is timed.
    precision, threads
        As `Rescaler` takes them.
    repeat : int
        Timed round trips, after one that is not; the median counts.
    cancel : Cancel, optional
        Asked before each.
    """
    fast = Fast(model, precision, "cpu", threads)
    image = noise((SIDE, SIDE), model.card.channels)
    return seconds_per_megapixel(lambda: fast.restore(fast.downscale(image)), repeat, cancel)


def seconds_per_megapixel(
    work: Callable[[], object], repeat: int = 3, cancel: Cancel | None = None
) -> float:
    """Return the CPU time, of all threads together, that work on a square of `SIDE` takes.

    CPU time and not the clock's, which would also count what else the machine does.
    """
    taken = []
    for turn in range(repeat + 1):
        if cancel is not None:
            cancel.check()
        start = process_time()
        work()
        if turn:
            taken.append(process_time() - start)
    return median(taken) / (SIDE * SIDE / 1e6)
