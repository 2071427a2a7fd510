"""Sizes, durations, counts and PSNR as people read them."""

from __future__ import annotations

_UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB")


def size_text(size: float) -> str:
    """Return a number of bytes with its decimal unit: ``"4.2 MB"``."""
    value, unit = float(abs(size)), 0
    while value >= 999.5 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    if not unit and round(value) == 1:
        return f"{'−' if size < 0 else ''}1 byte"
    digits = 1 if unit and value < 9.95 else 0
    return f"{'−' if size < 0 else ''}{value:.{digits}f} {_UNITS[unit]}"


def duration_text(seconds: float) -> str:
    """Return a duration: ``"0.4 s"``, ``"12 s"``, ``"3 min"``, ``"2.5 h"``."""
    if seconds < 1:
        return f"{max(seconds, 0.1):.1f} s"
    if seconds < 100:
        return f"{seconds:.0f} s"
    if seconds < 6000:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def count_text(count: int, what: str) -> str:
    """Return how many there are of what is named in the singular: ``"1,204 files"``."""
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def psnr_text(psnr: float) -> str:
    """Return a PSNR: ``"38.2 dB"``; infinite where nothing differs."""
    return f"{psnr:.1f} dB".replace("inf", "∞")
