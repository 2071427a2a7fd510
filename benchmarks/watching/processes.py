"""What processes take of the machine, as Linux tells it in ``/proc``."""

from __future__ import annotations

import os
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Spent:
    """What a command took from its start to its end, its own processes included.

    Attributes
    ----------
    wall, cpu : float
        Seconds.
    """

    wall: float
    cpu: float


def timed(
    command: Sequence[str], environment: Mapping[str, str], *, fine: Sequence[int] = (0,)
) -> Spent:
    """Run a command to its end.

    Raises
    ------
    RuntimeError
        It ended with an exit code that is not in `fine`; the message has what it said.
    """
    began = time.perf_counter()
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    if process.returncode not in fine:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}:\n{said}")
    return Spent(wall, usage.ru_utime + usage.ru_stime)


def family(pid: int) -> list[int]:
    """Return a process and all that descend from it."""
    found = [pid]
    with suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError):
                for child in (thread / "children").read_text(encoding="ascii").split():
                    found += family(int(child))
    return found


def resident(pids: Sequence[int], *, most: bool = False) -> float:
    """Return the megabytes that processes have in memory together, or had at `most`.

    What they share is counted for each of them.
    """
    key = "VmHWM:" if most else "VmRSS:"
    total = 0
    for pid in pids:
        with suppress(OSError):
            lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
            total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(key))
    return total / 1e6


def processor_seconds(pids: Sequence[int]) -> float:
    """Return the processor time that processes took since they began, together."""
    ticks = 0
    for pid in pids:
        with suppress(OSError):
            # The name, in brackets, may hold spaces; what follows does not.
            fields = (
                Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            )
            ticks += int(fields[11]) + int(fields[12])
    return ticks / _TICK
