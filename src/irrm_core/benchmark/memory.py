"""The most memory that was in use since a moment."""

from __future__ import annotations

import sys
from pathlib import Path

import torch

_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")


def start_peak(device: str) -> None:
    """Forget the peak so far, where the system can."""
    if device.startswith("cuda"):
        torch.cuda.reset_peak_memory_stats(device)
        return
    try:
        _CLEAR.write_text("5")
    except OSError:
        return  # then `peak_memory` is that of the whole life of the process


def peak_memory(device: str) -> int | None:
    """Return the peak in bytes: of torch on a CUDA device, else of the process.

    On Linux since `start_peak`, on macOS since the process started; None elsewhere.
    """
    if device.startswith("cuda"):
        return int(torch.cuda.max_memory_allocated(device))
    try:
        for line in _STATUS.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    if sys.platform == "darwin":
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return None
