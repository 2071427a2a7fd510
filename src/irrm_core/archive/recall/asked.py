"""Which archived files a person means by a path, and which names are near if none is."""

from __future__ import annotations

import os
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from irrm_core.archive.catalogue import ARCHIVED, Place, Selection, places
from irrm_core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from irrm_core.archive.catalogue import Catalogue

_COMPARED = 20_000  # names looked through for near ones


def places_asked(
    words: Iterable[str],
    catalogue: Catalogue,
    roots: Mapping[str, Path],
    *,
    here: Path | None = None,
) -> tuple[Place, ...]:
    """Return the places that paths mean, each with at least one file that is in the store.

    Parameters
    ----------
    words : iterable of str
        Files or folders: absolute, relative to `here`, to a watched folder, or to the folder of
        all roots that a mounted or restored tree has: ``<root>/<relative path>``.
    catalogue : Catalogue
        Of the store.
    roots : mapping of str to Path
        The watched folders.
    here : Path, optional
        The current folder, by default that of the process.

    Raises
    ------
    UsageError
        A path means nothing that is in the store: the message says why not, or has the nearest
        names.
    """
    return tuple(_asked(word, catalogue, roots, here or Path.cwd()) for word in words)


def _asked(word: str, catalogue: Catalogue, roots: Mapping[str, Path], here: Path) -> Place:
    kept = None
    for place in _meanings(word, roots, here):
        found = catalogue.select(Selection(paths=(place,), versions=True))
        if any(entry.state in ARCHIVED for entry in found):
            return place
        kept = kept or next(iter(found), None)
    if kept is not None:
        reason = f" ({kept.reason})" if kept.reason else ""
        raise UsageError(
            f"{word}: is known but not in the store, its state is {kept.state}{reason}; the "
            "original was left where it was"
        )
    raise UsageError(f"{word}: no such file is in the store{_nearest(word, catalogue)}")


def _meanings(word: str, roots: Mapping[str, Path], here: Path) -> list[Place]:
    """Return what a path may mean, the likeliest first."""
    meant = list(places([word], roots, here=here))
    # The way to a watched folder may lead over links that its configured path does not name.
    real = {name: root.resolve() for name, root in roots.items()}
    return [*meant, *places([(here / word).resolve()], real)]


def _nearest(word: str, catalogue: Catalogue) -> str:
    last: dict[str, str] = {}
    for entry in islice(catalogue.entries(states=ARCHIVED), _COMPARED):
        name = os.fsdecode(entry.path)
        last.setdefault(name.rpartition("/")[2], name)
    near = [last[name] for name in get_close_matches(Path(word).name, last, n=3)]
    if not near:
        return "; `irrm-watch list` shows what is"
    return f"; near to it are {', '.join(near)}"
