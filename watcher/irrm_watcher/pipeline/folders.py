"""What the pipeline needs to know of a watched folder."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from irrm_core.errors import StoreError
from irrm_watcher.scan import MARKER, Series, Taking

if TYPE_CHECKING:
    from collections.abc import Callable

    from irrm_core.archive.classes import Rule
    from irrm_core.archive.store import Store
    from irrm_watcher.config import Config, FolderConfig
    from irrm_watcher.scan import RootMarkers


@dataclass(frozen=True)
class Folder:
    """A watched folder.

    Attributes
    ----------
    name : str
        In the configuration, the catalogue and the store.
    path : Path
        Where it is.
    rule_for : callable
        Gives the rule of a file, from its relative path as bytes.
    taking : Taking
        Which of its files are taken.
    delay : float
        Seconds for which a file must have been quiet.
    series : Series or None
        Whether files of a folder belong together.
    replace : bool
        Originals move to quarantine once they are archived.
    leave_lr : bool
        A copy of the LR file stays in their place.
    retention : float
        Seconds in quarantine.
    """

    name: str
    path: Path
    rule_for: Callable[[bytes], Rule]
    taking: Taking
    delay: float = 10.0
    series: Series | None = None
    replace: bool = False
    leave_lr: bool = False
    retention: float = 30 * 86_400.0


def folders_of(config: Config, store: Store) -> list[Folder]:
    """Return the watched folders of a configuration."""
    barred = frozenset({os.fsencode(os.path.realpath(store.path))})
    return [_folder_of(config, folder, barred) for folder in config.folders]


def refuse_other_store(config: Config, markers: RootMarkers) -> None:
    """Raise `StoreError` if originals of a folder were moved away for another store.

    That one's disk may not be mounted; what is archived into its mount point would be out of
    sight as soon as it is.
    """
    for folder in config.folders:
        other = markers.other_store(folder.path) if folder.mode == "replace" else None
        if other is not None:
            raise StoreError(
                f"{config.store}: {folder.path} was watched for another store ({other}); is the "
                f"disk of that one not mounted? If {config.store} takes its place for good, "
                f"remove {folder.path / MARKER}"
            )


def _folder_of(config: Config, folder: FolderConfig, barred: frozenset[bytes]) -> Folder:
    return Folder(
        folder.name,
        folder.path,
        rule_for=partial(folder.rule_for, precision=config.daemon.precision),
        taking=Taking(folder.include, folder.exclude, folder.hidden, barred),
        delay=folder.delay,
        series=None if folder.series is None else Series(folder.series.sentinel),
        replace=folder.mode == "replace",
        leave_lr=folder.leave == "lr",
        retention=folder.quarantine,
    )
