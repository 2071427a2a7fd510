"""napari's reader of LR files, and of no others.

The manifest offers it for the names that LR files are given (``photo.jpg.irrm.png``), and for
no folders: napari asks people which reader to take wherever two fit. What a file is, its record
decides. An LR file that was renamed is opened by napari itself; `recover` finds its record then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from irrm_core.archive.kind import RESTORATION, embedded_kind

LayerTuple = tuple[Any, dict[str, Any], str]
Paths = str | Sequence[str]
Reader = Callable[[Paths], list[LayerTuple]]


def get_reader(path: Paths) -> Reader | None:
    """Return `read` if every path is an LR file, even one with a damaged record; else None."""
    paths = _paths(path)
    return read if paths and all(_is_lr(each) for each in paths) else None


def read(path: Paths) -> list[LayerTuple]:
    """Return an image layer for each LR file; they are never stacked.

    A layer lies on its original, whose pixels have the physical size that the file states, or
    else a size of 1. Its metadata have all that restores it, which a notification offers.

    Raises
    ------
    NotRestorableError
        A record is damaged or does not fit its pixels.
    ImageFileError
        A file is damaged.
    """
    return [_layer(each) for each in _paths(path)]


def _layer(path: Path) -> LayerTuple:
    from napari_irrm.files.lr_layer import lr_layer
    from napari_irrm.files.offer import offer_restoring
    from napari_irrm.files.opened import open_lr

    opened = open_lr(path)
    arguments = lr_layer(opened)
    offer_restoring(path, opened.provenance.record)
    return arguments.pop("data"), arguments, "image"


def _paths(path: Paths) -> list[Path]:
    return [Path(path)] if isinstance(path, str) else [Path(each) for each in path]


def _is_lr(path: Path) -> bool:
    return path.is_file() and embedded_kind(path) not in (None, RESTORATION)
