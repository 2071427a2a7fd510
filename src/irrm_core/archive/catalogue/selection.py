"""Which entries of a catalogue are meant."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from irrm_core.archive.catalogue.patterns import path_matches
from irrm_core.archive.catalogue.states import State, StorageClass

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from irrm_core.archive.catalogue.entry import Entry


class Place(NamedTuple):
    """A file, or a folder with all below it.

    Attributes
    ----------
    path : bytes
        Relative to the watched folder; empty for the whole of it.
    root : str or None
        Name of the watched folder; None for any.
    """

    path: bytes
    root: str | None = None

    def holds(self, root: str, path: bytes) -> bool:
        """Return whether a file is this one or lies below it."""
        if self.root is not None and self.root != root:
            return False
        return self.path in (b"", path) or path.startswith(self.path + b"/")


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which entries are meant: of those that a place or a pattern names, all that fit the rest.

    An empty selection names nothing. Of each file the newest version that fits is meant.

    Attributes
    ----------
    paths : tuple of Place
        Files, or folders with all below them; see `places`.
    globs : tuple of str
        Patterns of relative paths; see `path_matches`.
    since, until : float or None
        Archived, or if nothing is archived first seen, at or after and before this time, in
        seconds since 1970. A time alone names every file.
    all : bool
        Name every file.
    classes : frozenset of StorageClass
        Empty for any, and for files whose class is not decided.
    states : frozenset of State
        Empty for any.
    versions : bool
        Mean every version that fits.
    """

    paths: tuple[Place, ...] = ()
    globs: tuple[str, ...] = ()
    since: float | None = None
    until: float | None = None
    all: bool = False
    classes: frozenset[StorageClass] = frozenset()
    states: frozenset[State] = frozenset()
    versions: bool = False

    @property
    def empty(self) -> bool:
        """Whether nothing is named."""
        times = self.since is not None or self.until is not None
        return not (self.all or self.paths or self.globs or times)

    def fits(self, entry: Entry) -> bool:
        """Return whether an entry is meant, were it the only version of its file."""
        at = entry.seen_at if entry.archived_at is None else entry.archived_at
        return (
            self.names(entry.root, entry.path)
            and (self.since is None or at >= self.since)
            and (self.until is None or at < self.until)
            and (not self.classes or entry.storage in self.classes)
            and (not self.states or entry.state in self.states)
        )

    def names(self, root: str, path: bytes) -> bool:
        """Return whether the places or patterns name a file."""
        if self.all or not (self.paths or self.globs):
            return not self.empty
        return any(place.holds(root, path) for place in self.paths) or any(
            path_matches(pattern, path) for pattern in self.globs
        )

    def of(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """Yield the entries that are meant, by root, path, and from the newest version."""
        last = None
        fitting = (entry for entry in entries if self.fits(entry))
        for entry in sorted(fitting, key=lambda entry: (entry.root, entry.path, -entry.version)):
            if self.versions or (entry.root, entry.path) != last:
                yield entry
            last = entry.root, entry.path


def places(
    words: Iterable[str | os.PathLike[str]], roots: Mapping[str, Path], *, here: Path | None = None
) -> tuple[Place, ...]:
    """Return the places that paths on a command line mean.

    Parameters
    ----------
    words : iterable of path
        A path in a watched folder, absolute or from `here`; anything else relative is taken as
        relative to every watched folder, and to the folder of all of them that a mounted or
        restored tree has: ``<name>/<relative path>``. Nothing needs to exist.
    roots : mapping of str to Path
        The watched folders by their names.
    here : Path, optional
        The current folder, by default that of the process.
    """
    # Links are left as they are, in case the original is gone and only its name is known.
    folders = {name: _parts(os.path.abspath(root)) for name, root in roots.items()}  # noqa: PTH100
    here = here or Path.cwd()
    return tuple(place for word in words for place in _places(os.fspath(word), folders, here))


def _places(word: str, folders: Mapping[str, tuple[str, ...]], here: Path) -> Iterator[Place]:
    whole = _parts(os.path.normpath(here / word))
    for name, folder in folders.items():
        if whole[: len(folder)] == folder:
            yield Place(os.fsencode("/".join(whole[len(folder) :])), name)
            return
    relative = Path(os.path.normpath(word)).as_posix()
    yield Place(os.fsencode(relative))
    first, _, rest = relative.partition("/")
    if first in folders:
        yield Place(os.fsencode(rest), first)


def _parts(path: str) -> tuple[str, ...]:
    return Path(path).parts
