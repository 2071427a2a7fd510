"""Where restored files must not go: a watched folder would take them for new ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from irrm_core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ROOT_MARKER = ".irrm-root.json"
"""Name of the file that a watcher leaves in a folder that it watches."""


def refuse_inside(place: Path, *, roots: Mapping[str, Path], store: Path, what: str) -> None:
    """Raise `UsageError` if a folder lies in a watched folder or in the store, or is one.

    Parameters
    ----------
    place : Path
        The folder, which need not exist; symbolic links are followed.
    roots : mapping of str to Path
        The watched folders.
    store : Path
        The store's folder.
    what : str
        What the folder is for, at the beginning of the message.
    """
    real = place.resolve()
    if real.is_relative_to(store.resolve()):
        raise UsageError(f"{what} {place}: lies in the store {store}; name a folder outside")
    for name, root in roots.items():
        if real.is_relative_to(root.resolve()):
            raise UsageError(
                f"{what} {place}: lies in the watched folder {name!r} ({root}), which would take "
                "what appears there for new files; name a folder outside"
            )


def refuse_around(place: Path, *, roots: Mapping[str, Path], store: Path, what: str) -> None:
    """Raise `UsageError` if the store or a watched folder lies in a folder."""
    real = place.resolve()
    for inner in (store, *roots.values()):
        if inner.resolve().is_relative_to(real):
            raise UsageError(f"{what} {place}: would hide {inner}; name an empty folder elsewhere")
