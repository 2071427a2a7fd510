"""Which archived files a person means by a path, and which names are near if none is."""

from __future__ import annotations

import os
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from irrm_core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from irrm_core.archive.catalogue import Entry

_COMPARED = 20_000  # names looked through for near ones


def places_of(word: str, roots: Mapping[str, Path], here: Path) -> list[tuple[str, bytes]]:
    """Return what a path may mean, as root and relative path; the likeliest first.

    Parameters
    ----------
    word : str
        An absolute path, one relative to `here`, to a watched folder, or to the folder of all
        roots that a mounted or restored tree has: ``<root>/<relative path>``.
    roots : mapping of str to Path
        The watched folders.
    here : Path
        The current folder.

    Returns
    -------
    list
        Relative paths are as the catalogue has them; empty for a whole root.
    """
    found: dict[tuple[str, bytes], None] = {}
    # Neither the path nor its folder need exist any more, so links are followed and not.
    plain = Path(os.path.normpath(here / word))
    for path in (plain, plain.resolve()):
        for name, root in roots.items():
            for base in (Path(os.path.normpath(root.absolute())), root.resolve()):
                if path.is_relative_to(base):
                    found[name, _relative(path.relative_to(base))] = None
    if not Path(word).is_absolute():
        path = Path(os.path.normpath(word))
        if ".." not in path.parts:
            for name in roots:
                found[name, _relative(path)] = None
                if path.parts and path.parts[0] == name:
                    found[name, _relative(path.relative_to(name))] = None
    return list(found)


def entries_at(
    words: Sequence[str],
    entries: Iterable[Entry],
    *,
    roots: Mapping[str, Path],
    here: Path,
) -> list[Entry]:
    """Return the entries that paths mean: files, and all files of folders.

    Raises
    ------
    UsageError
        A path means nothing that is in the store; the message has the nearest names.
    """
    listed = list(entries)
    by_place: dict[tuple[str, bytes], list[Entry]] = {}
    for entry in listed:
        by_place.setdefault((entry.root, entry.path), []).append(entry)
    chosen: dict[int, Entry] = {}
    for word in words:
        for root, path in places_of(word, roots, here):
            found = by_place.get((root, path)) or [
                entry
                for entry in listed
                if entry.root == root and (not path or entry.path.startswith(path + b"/"))
            ]
            if found:
                chosen.update((entry.id, entry) for entry in found)
                break
        else:
            raise UsageError(f"{word}: no such file is in the store{_nearest(word, listed)}")
    return list(chosen.values())


def _nearest(word: str, entries: Sequence[Entry]) -> str:
    names = {os.fsdecode(entry.path): None for entry in islice(entries, _COMPARED)}
    last: dict[str, str] = {}
    for name in names:
        last.setdefault(name.rpartition("/")[2], name)
    near = [last[name] for name in get_close_matches(Path(word).name, last, n=3)]
    near = near or get_close_matches(word, names, n=3)
    if not near:
        return "; `irrm-watch list` shows what is"
    return f"; near to it are {', '.join(near)}"


def _relative(path: Path) -> bytes:
    return os.fsencode("" if path == Path() else path.as_posix())
