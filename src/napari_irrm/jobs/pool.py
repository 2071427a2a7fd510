"""The models in memory: few, and given back on demand."""

from __future__ import annotations

import gc
import os
import sys
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from napari_irrm.jobs.loading import unnoticed

if TYPE_CHECKING:
    from irrm_core.engine import Rescaler

KEPT = 2
"""Models that stay in memory: as many as a comparison of two takes."""

_Key = tuple[str, str, str, int | None]


class ModelPool:
    """Loads rescalers when they are needed and keeps the last two."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[_Key, Rescaler] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def rescaler(
        self,
        model: str,
        *,
        device: str = "auto",
        precision: str = "auto",
        tile: int | None = None,
    ) -> Rescaler:
        """Return the rescaler of a model by name, id or weights hash; in a thread, it may load.

        Raises
        ------
        ModelNotFoundError
            There is no such model.
        UsageError
            The device is unknown or not there.
        """
        from irrm_core.zoo import find_card

        key = (find_card(model).weights_hash, device, precision, tile)
        with self._lock, unnoticed():
            from irrm_core.device import set_threads
            from irrm_core.engine import Rescaler

            set_threads(working_threads())
            rescaler = self._kept.pop(key, None)
            if rescaler is None:
                while len(self._kept) >= KEPT:
                    self._kept.popitem(last=False)
                rescaler = Rescaler(key[0], device=device, precision=precision, tile=tile)
            self._kept[key] = rescaler
            return rescaler

    def release(self) -> None:
        """Let all models go, and the memory that a GPU keeps for them."""
        with self._lock:
            self._kept.clear()
        gc.collect()
        torch = sys.modules.get("torch")
        if torch is not None and torch.cuda.is_available():
            torch.cuda.empty_cache()


def working_threads() -> int:
    """Return how many threads a job may keep busy: one core is the window's.

    Fewer where the environment's ``OMP_NUM_THREADS`` asks for fewer.
    """
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    wish = os.environ.get("OMP_NUM_THREADS", "")
    if wish.isdecimal() and int(wish):
        cores = min(cores, int(wish) + 1)
    return max(cores - 1, 1)
