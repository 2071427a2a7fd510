"""napari's writer of LR files."""

from __future__ import annotations

from typing import Any


def write_lr(path: str, data: Any, meta: dict[str, Any]) -> list[str]:
    """Write an LR layer as a file that restores; return the path written."""
    raise NotImplementedError
