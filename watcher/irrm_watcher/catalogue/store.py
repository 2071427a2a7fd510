"""A catalogue tells of one store, and is not begun anew over one that holds files."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from irrm_core.archive.catalogue.opening import REBUILD
from irrm_core.errors import CatalogueError, CatalogueMissingError

if TYPE_CHECKING:
    from irrm_watcher.catalogue.writing import CatalogueWriter

_NOTE = "store"


def refuse_fresh_start(path: Path, store: Path) -> None:
    """Raise `CatalogueMissingError` if there is no catalogue, but the store holds files."""
    # An empty file is what is left of a catalogue that was never finished, or was cut off.
    missing = not path.exists() or not path.stat().st_size
    if missing and _holds_files(store):
        raise CatalogueMissingError(
            f"{path}: there is no catalogue, but the store {store} holds files; a new catalogue "
            f"would know nothing of them: check the path, or make it from their records with "
            f"{REBUILD}"
        )


def check_belongs(writer: CatalogueWriter, store: Path) -> None:
    """Note in a new catalogue which store it tells of; raise if an old one tells of another."""
    here = _id_of(store)
    if here is None:
        return
    noted = writer.note(_NOTE)
    if noted is None:
        writer.write_note(_NOTE, here)
    elif noted != here:
        raise CatalogueError(
            f"{writer.path}: is the catalogue of another store than {store}; check `store` and "
            "`catalogue` in the configuration"
        )


def _holds_files(store: Path) -> bool:
    folders = os.walk(os.fsencode(store / "files"))
    return any(not name.endswith(b".part") for _, _, names in folders for name in names)


def _id_of(store: Path) -> str | None:
    try:
        return str(json.loads((store / "irrm-store.json").read_text(encoding="utf-8"))["id"])
    except (OSError, ValueError, LookupError, TypeError):
        return None  # whether it is a store at all is for the store to say
