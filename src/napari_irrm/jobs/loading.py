"""Loading torch and models while somebody uses the window."""

from __future__ import annotations

import ctypes
import gc
import importlib.util
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def unnoticed() -> Iterator[None]:
    """Import torch and leave out collections of garbage meanwhile; both stop all threads.

    Loading creates hundreds of thousands of objects and hardly any garbage, and would have the
    collector go through everything that napari holds, several times.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        _load_libraries()
        import torch  # noqa: F401

        yield
    finally:
        if collecting:
            gc.enable()


def _load_libraries() -> None:
    """Load torch's largest library before torch does, without the interpreter's lock.

    An import holds the lock all the while. Where this cannot be done torch loads it as ever.
    """
    if "torch" in sys.modules or sys.platform != "linux":
        return
    found = importlib.util.find_spec("torch")
    if found is None or found.origin is None:
        return
    folder = Path(found.origin).parent / "lib"
    load = ctypes.CDLL(None).dlopen
    load.restype = ctypes.c_void_p
    # In torch's own order: what others depend on is to be seen by all.
    for name, mode in (
        ("libtorch_global_deps.so", os.RTLD_NOW | os.RTLD_GLOBAL),
        ("libtorch_cpu.so", os.RTLD_NOW | os.RTLD_LOCAL),
    ):
        load(os.fsencode(folder / name), mode)
