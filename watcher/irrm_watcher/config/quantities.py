"""Durations, sizes and times of day, as people write them in a configuration."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time

_NUMBER = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_BYTES = {
    "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12,
    "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40,
}  # fmt: skip


def parse_duration(text: str) -> float:
    """Return the seconds of ``"10s"``, ``"5m"``, ``"12h"``, ``"30d"`` or ``"2w"``.

    Raises
    ------
    ValueError
        The text is none of these; the message says what is.
    """
    number, unit = _split(text)
    if unit not in _SECONDS:
        raise ValueError(f"{text!r} is no duration; write 10s, 5m, 12h, 30d or 2w")
    return number * _SECONDS[unit]


def parse_size(text: str) -> int:
    """Return the bytes of ``"500 MB"``, ``"1 GB"`` (powers of 1000) or ``"1 GiB"`` (of 1024).

    Raises
    ------
    ValueError
        The text is none of these; the message says what is.
    """
    number, unit = _split(text)
    if unit not in _BYTES:
        raise ValueError(f"{text!r} is no size; write 500 MB, 1 GB or 1 GiB")
    return int(number * _BYTES[unit])


def _split(text: str) -> tuple[float, str]:
    match = _NUMBER.fullmatch(text)
    return (float(match[1]), match[2].lower()) if match else (0.0, "")


@dataclass(frozen=True)
class Window:
    """A part of each day, in local time.

    Attributes
    ----------
    start, end : time
        With `end` before `start` it reaches over midnight.
    """

    start: time
    end: time

    @classmethod
    def parse(cls, text: str) -> Window:
        """Read ``"22:00-06:00"``.

        Raises
        ------
        ValueError
            The text is no window; the message says what is.
        """
        first, dash, last = text.partition("-")
        try:
            start, end = (time.fromisoformat(part.strip()) for part in (first, last))
        except ValueError:
            start = end = time()
        if not dash or start == end:
            raise ValueError(f"{text!r} is no part of a day; write 22:00-06:00")
        return cls(start, end)

    def contains(self, moment: time) -> bool:
        """Return whether a time of day lies in it; the end does not."""
        if self.start < self.end:
            return self.start <= moment < self.end
        return moment >= self.start or moment < self.end

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"
