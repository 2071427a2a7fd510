"""How what is lost is said, and how little of it does not matter."""

from __future__ import annotations

LITTLE = 64
"""Bytes that no caption, picture or setting fits into: padding, empty blocks."""

CMYK = "is CMYK, and would come back as sRGB"


def behind(rest: bytes) -> str | None:
    """Return what to say of what follows the end of a picture."""
    count = len(rest.strip(b"\0"))
    if count <= LITTLE:
        return None
    return f"it carries {count} bytes behind its picture, which an LR file does not keep"


def beside(count: int, what: str) -> str | None:
    """Return what to say of so many bytes of something."""
    if count <= LITTLE:
        return None
    return f"it carries {count} bytes of {what}, which an LR file does not keep"
