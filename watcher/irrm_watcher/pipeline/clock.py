"""The clocks that the daemon goes by, and how much of time it has really seen pass."""

from __future__ import annotations

import contextlib
import json
import time
import uuid
from pathlib import Path
from typing import Protocol

GAP_TRUSTED = 86_400.0
"""At most so much of the time between two boots of the machine is believed, in seconds."""


class Clock(Protocol):
    """Time as a seam: tests let it jump."""

    def wall(self) -> float:
        """Seconds since 1970, as the machine believes; may jump."""

    def steady(self) -> float:
        """Seconds of a clock that never jumps while the machine runs, asleep or not."""

    def boot(self) -> str:
        """Name of the run of the machine within which `steady` can be compared."""


class SystemClock:
    """The clocks of this machine."""

    def __init__(self) -> None:
        self._boot = uuid.uuid4().hex
        # Without it (no Linux) another start of the daemon counts as another boot.
        with contextlib.suppress(OSError):
            self._boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()

    def wall(self) -> float:
        """Return `time.time`."""
        return time.time()

    def steady(self) -> float:
        """Return the time since boot, with that asleep where the system tells it."""
        boottime = getattr(time, "CLOCK_BOOTTIME", None)
        return time.monotonic() if boottime is None else time.clock_gettime(boottime)

    def boot(self) -> str:
        """Return the kernel's name for this boot."""
        return self._boot


class Notes(Protocol):
    """Small texts that outlive the process."""

    def note(self, key: str) -> str | None:
        """Return what was noted."""

    def write_note(self, key: str, value: str) -> None:
        """Note durably."""


class Observed:
    """Seconds that have passed under the eyes of the daemon, added up over its lifetime.

    A clock that someone sets, or that a dead battery resets, must not end a retention. So
    retention is counted in seconds of the steady clock, which cannot be set; while the machine
    runs it also covers the time between two runs of the daemon. Of the time between two boots
    the wall clock alone knows, and it is believed up to `GAP_TRUSTED`.
    """

    _KEY = "observed"

    def __init__(self, notes: Notes, clock: Clock) -> None:
        self._notes = notes
        self._clock = clock
        self._seconds, self._steady = self._resume()

    def _resume(self) -> tuple[float, float]:
        steady, text = self._clock.steady(), self._notes.note(self._KEY)
        if text is None:
            return 0.0, steady
        last = json.loads(text)
        if last["boot"] == self._clock.boot():
            passed = steady - last["steady"]
        else:
            passed = min(self._clock.wall() - last["wall"], GAP_TRUSTED)
        return last["seconds"] + max(passed, 0.0), steady

    def seconds(self) -> float:
        """Return the sum up to now."""
        return self._seconds + max(self._clock.steady() - self._steady, 0.0)

    def save(self) -> None:
        """Note the sum, for the next start."""
        last = {
            "seconds": self.seconds(),
            "steady": self._clock.steady(),
            "wall": self._clock.wall(),
            "boot": self._clock.boot(),
        }
        self._notes.write_note(self._KEY, json.dumps(last))
