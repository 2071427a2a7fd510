"""Files that were not archived under other rules than those in force are looked at again."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from irrm_core.archive.catalogue import State
from irrm_watcher.config.model import StorageConfig

if TYPE_CHECKING:
    from irrm_watcher.catalogue import CatalogueWriter
    from irrm_watcher.config import Config, FolderConfig

_KEYS = {*StorageConfig.model_fields, "rule"}


def look_again(writer: CatalogueWriter, config: Config) -> int:
    """Let kept and failed files of each folder whose rules have changed be judged anew.

    What is archived stays as it is. The rules are noted in the catalogue, so it does not matter
    whether they changed on a reload or while no daemon ran.

    Returns
    -------
    int
        How many there are.
    """
    count = 0
    for folder in config.folders:
        key, now = f"rules:{folder.name}", _fingerprint(folder, config.daemon.precision)
        before = writer.note(key)
        if before == now:
            continue
        with writer.batch():
            if before is not None:
                for entry in writer.entries(root=folder.name, states={State.kept, State.failed}):
                    if entry.present:
                        writer.advance(entry, State.stable, reason="", attempts=0, retry_at=None)
                        count += 1
            writer.write_note(key, now)
    return count


def _fingerprint(folder: FolderConfig, precision: str) -> str:
    rules = folder.model_dump_json(include=_KEYS)
    return hashlib.sha256(f"{precision} {rules}".encode()).hexdigest()
