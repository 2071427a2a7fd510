"""LR files in napari: reading and writing them, what restores a layer, and sample data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from irrm_core.lazily import names_of

if TYPE_CHECKING:
    from napari_irrm.files.reader import get_reader, read
    from napari_irrm.files.recovery import recover
    from napari_irrm.files.writer import write_lr

_HOMES = {
    "reader": ("get_reader", "read"),
    "recovery": ("recover",),
    "writer": ("write_lr",),
}

__all__ = ["get_reader", "read", "recover", "write_lr"]


if not TYPE_CHECKING:
    __getattr__ = names_of(__name__, _HOMES)
