"""Places that must not lie in one another: the watcher would eat what it wrote."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from irrm_core.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from irrm_watcher.config.model import Config


def refuse_overlaps(config: Config) -> None:
    """Raise `UsageError` if places of a configuration overlap, symbolic links resolved."""
    names = [folder.name.casefold() for folder in config.folders]
    for name in names:
        # The store has a folder of each name, and file systems need not tell cases apart.
        if names.count(name) > 1:
            raise UsageError(f"two watched folders are named {name!r}; give each its own name")
    store, catalogue = config.store.resolve(), config.catalogue.resolve()
    roots = {folder.name: folder.path.resolve() for folder in config.folders}
    for name, root in roots.items():
        if _within(store, root):
            raise UsageError(
                f"the store {store} lies in the watched folder {name!r} ({root}), which would "
                "archive its own archive; put the store elsewhere"
            )
        if _within(root, store):
            raise UsageError(
                f"the watched folder {name!r} ({root}) lies in the store {store}; put the store "
                "elsewhere"
            )
        for what, file in (
            ("catalogue", catalogue),
            ("metrics_file", config.daemon.metrics_file),
        ):
            if file is not None and _within(file.resolve(), root):
                raise UsageError(
                    f"the {what} {file} lies in the watched folder {name!r} ({root}); put it "
                    "elsewhere"
                )
    for (one, first), (other, second) in combinations(roots.items(), 2):
        if _within(first, second) or _within(second, first):
            raise UsageError(
                f"the watched folders {one!r} ({first}) and {other!r} ({second}) overlap; watch "
                "the upper one alone, with a rule for the lower"
            )


def _within(path: Path, folder: Path) -> bool:
    return path == folder or folder in path.parents
