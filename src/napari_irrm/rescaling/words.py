"""Amounts as people say them."""

from __future__ import annotations

_UNITS = ("bytes", "kB", "MB", "GB", "TB")


def amount(size: int) -> str:
    """Return a number of bytes in decimal units: ``"335.5 MB"``."""
    value, unit = float(size), _UNITS[0]
    for unit in _UNITS:
        if value < 1000 or unit == _UNITS[-1]:
            break
        value /= 1000
    return f"{size} bytes" if unit == _UNITS[0] else f"{value:.1f} {unit}"


def duration(seconds: float) -> str:
    """Return a duration: ``"0.4 s"``, ``"12 s"``, ``"3 min"``, ``"2.5 h"``."""
    if seconds < 1:
        return f"{max(seconds, 0.1):.1f} s"
    if seconds < 100:
        return f"{seconds:.0f} s"
    if seconds < 6000:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
