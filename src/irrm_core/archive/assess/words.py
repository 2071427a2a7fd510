"""Numbers and results in words for people."""

from __future__ import annotations


def bytes_in_words(count: int) -> str:
    """Return a number of bytes: ``"1.2 MB"``, powers of 1000."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 999.5:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.3g} {unit}"
        value /= 1000
    return f"{value:.3g} TB"


def part_in_words(part: int, whole: int) -> str:
    """Return a part of a whole in percent."""
    if not whole:
        return ""
    percent = 100 * part / whole
    return f"{percent:.0f} %" if percent >= 9.95 else f"{percent:.1f} %"


def decibels_in_words(psnr: float | None) -> str:
    """Return a PSNR, without its unit."""
    return "" if psnr is None else f"{psnr:.2f}"


def ssim_in_words(ssim: float | None) -> str:
    """Return an SSIM."""
    return "" if ssim is None else f"{ssim:.4f}"


def counted(count: int, one: str, many: str) -> str:
    """Return a number with its noun."""
    return f"{count:,} {one if count == 1 else many}"
