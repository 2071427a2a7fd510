"""Compare a watched folder with the catalogue, and decide about what is quiet."""

from __future__ import annotations

import os
import stat
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from irrm_watcher.scan.decision import TO_TAKE, Decision, What, compare
from irrm_watcher.scan.found import Found, Passed, below
from irrm_watcher.scan.root import RootState
from irrm_watcher.scan.series import has_sentinel
from irrm_watcher.scan.stability import Stability
from irrm_watcher.scan.walk import look_at, walk
from irrm_watcher.scan.writers import held_for_writing

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping

    from irrm_core.archive.catalogue.entry import Entry
    from irrm_watcher.scan.root import RootMarkers
    from irrm_watcher.scan.series import Series
    from irrm_watcher.scan.taking import Taking


_FEW = 200  # paths that are asked for one by one


class Known(Protocol):
    """What a scanner asks of the catalogue."""

    def newest(self, root: str, path: bytes) -> Entry | None:
        """Return the current version of one path; None if there is none."""

    def entries(
        self, *, root: str, newest: bool = False, limit: int | None = None
    ) -> Iterable[Entry]:
        """Return entries of a watched folder: the current versions, or the first few."""


class Ours(Protocol):
    """Tells files that irrm wrote."""

    def __call__(self, path: Path) -> str | None:
        """Return what a file is to irrm, in words; None if it is not ours."""


@dataclass(frozen=True)
class Scan:
    """What came of one scan.

    Attributes
    ----------
    state : RootState
        Whether the folder was there, before and after. If not, nothing was concluded.
    decisions : tuple of Decision
        What is to be done; of what is unchanged or not quiet yet there is none.
    passed : tuple of Passed
        What was passed over, for people to know.
    files : int
        How many files were looked at.
    waiting : int
        How many are to be taken once they are quiet or their series is complete.
    due : float or None
        When to scan again for those, on the scanner's clock; None if only an event will tell.
    """

    state: RootState
    decisions: tuple[Decision, ...] = ()
    passed: tuple[Passed, ...] = ()
    files: int = 0
    waiting: int = 0
    due: float | None = None


class Scanner:
    """Scans one watched folder.

    Parameters
    ----------
    name : str
        Of the folder in the configuration.
    root : path
        The folder.
    taking : Taking
        Which paths are taken.
    known : Known
        The catalogue.
    markers : RootMarkers
        Tell whether the folder is there.
    ours : Ours
        Asked of each quiet file before it is to be taken.
    delay : float
        Seconds that a file must have been quiet.
    series : Series, optional
        The files of a folder belong together.
    held : callable or None
        Returns whether a file is open for writing; None where that cannot be told.
    clock : callable
        Seconds, monotonic.
    """

    def __init__(
        self,
        name: str,
        root: Path,
        taking: Taking,
        *,
        known: Known,
        markers: RootMarkers,
        ours: Ours,
        delay: float,
        series: Series | None = None,
        held: Callable[[bytes], bool] | None = held_for_writing,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self.root = root
        self._taking = taking
        self._known = known
        self._markers = markers
        self._ours = ours
        self._held = held
        self._clock = clock
        self._series = series
        self._files = Stability(delay)
        self._folders = Stability(delay)  # of series that are complete when they are quiet
        # Decided already, of which file against which entry: not said again until one of them is
        # another or `again` is called.
        self._told: dict[bytes, tuple[Found, Entry | None]] = {}
        self._waiting: set[bytes] = set()

    def scan(self, paths: Collection[bytes] | None = None) -> Scan:
        """Look at the folder and decide.

        Parameters
        ----------
        paths : collection of bytes, optional
            Look at these files and folders, relative to the root, and at what may have become
            quiet. Without it look at everything; only then is it noticed what is gone of what
            no path names.

        Returns
        -------
        Scan
            To take a file is said once; until the catalogue knows of the file or the file changes.
        """
        established = bool(list(self._known.entries(root=self.name, limit=1)))
        before = self._markers.state(self.name, self.root, established=established)
        if not before.present:
            return Scan(before)
        root = os.path.realpath(os.fsencode(self.root))
        ripe = [*self._files.ripe(self._clock()), *self._folders.ripe(self._clock())]
        looked = list(walk(root, self._taking) if paths is None else self._look(root, paths, ripe))
        now = self._clock()
        found = {thing.path: thing for thing in looked if isinstance(thing, Found)}
        known = self._known_of(found, paths)
        decisions, wanted = self._compared(found, known)
        decisions += self._gone(root, found, known)
        decisions += self._quiet(root, found, wanted, known, now)
        after = self._markers.state(self.name, self.root, established=True)
        if after != before:
            why = after.reason or f"{self.root}: was mounted anew while it was scanned"
            return Scan(RootState(False, why))
        self._remember(decisions, found, wanted, None if paths is None else ripe)
        due = [at for at in (self._files.due(), self._folders.due()) if at is not None]
        return Scan(
            before,
            tuple(decisions),
            tuple(thing for thing in looked if isinstance(thing, Passed)),
            len(found),
            len(self._waiting),
            min(due, default=None),
        )

    def again(self, path: bytes) -> None:
        """Take a decision back: the file was not taken after all, and must become quiet anew."""
        self._told.pop(path, None)

    def _look(
        self, root: bytes, paths: Collection[bytes], ripe: Iterable[bytes]
    ) -> Iterator[Found | Passed]:
        for path in sorted({*paths, *ripe}):
            yield from look_at(root, self._taking, path)
            if self._series is None or not path:
                continue
            folder = path.rpartition(b"/")[0]
            if self._series.is_sentinel(path):
                yield from look_at(root, self._taking, folder)
            elif self._series.sentinel is None:
                yield from look_at(root, self._taking, folder, recursive=False)

    def _known_of(
        self, found: Mapping[bytes, Found], paths: Collection[bytes] | None
    ) -> dict[bytes, Entry]:
        asked = None if paths is None else {*paths, *found}
        if asked is None or len(asked) > _FEW:
            entries = self._known.entries(root=self.name, newest=True)
            return {entry.path: entry for entry in entries if asked is None or entry.path in asked}
        newest = (self._known.newest(self.name, path) for path in asked)
        return {entry.path: entry for entry in newest if entry is not None}

    def _compared(
        self, found: Mapping[bytes, Found], known: Mapping[bytes, Entry]
    ) -> tuple[list[Decision], dict[bytes, What]]:
        """Return what is decided at once, and what is to be taken when it is quiet."""
        decisions: list[Decision] = []
        wanted: dict[bytes, What] = {}
        for path, file in found.items():
            entry = known.get(path)
            what = compare(file, entry)
            if what is What.UNCHANGED:
                self._told.pop(path, None)
            elif what not in TO_TAKE:
                decisions.append(Decision(what, path, file, entry))
            elif self._told.get(path) != (file, entry):
                wanted[path] = what
        return decisions, wanted

    def _gone(
        self, root: bytes, found: Mapping[bytes, Found], known: Mapping[bytes, Entry]
    ) -> list[Decision]:
        return [
            Decision(What.GONE, path, entry=entry)
            for path, entry in known.items()
            if path not in found and self._is_no_more(root, entry)
        ]

    def _is_no_more(self, root: bytes, entry: Entry) -> bool:
        """Return whether a file that was not found is gone, or excluded and never archived."""
        if not entry.present:
            return False
        excluded = not entry.archived and not self._taking.takes(entry.path)
        return excluded or _is_gone(below(root, entry.path))

    def _quiet(
        self,
        root: bytes,
        found: Mapping[bytes, Found],
        wanted: Mapping[bytes, What],
        known: Mapping[bytes, Entry],
        now: float,
    ) -> list[Decision]:
        """Return decisions about the files, or the folders of series, that are at rest."""
        decisions = []
        for key, look, files, stability in self._units(root, found, wanted):
            if not stability.see(key, look, now):
                self._waiting.update(files)
            elif any(self._is_held(below(root, path)) for path in files):
                stability.restart(key, now)
                self._waiting.update(files)
            else:
                stability.forget(key)
                for path in files:
                    ours = self._ours(Path(os.fsdecode(below(root, path))))
                    what = What.OURS if ours else wanted[path]
                    decisions.append(Decision(what, path, found[path], known.get(path), ours or ""))
        return decisions

    def _units(
        self, root: bytes, found: Mapping[bytes, Found], wanted: Collection[bytes]
    ) -> Iterator[tuple[bytes, Hashable, list[bytes], Stability]]:
        """Yield what must be at rest as a whole: its key, its look, the files to take of it."""
        if self._series is None or self._series.sentinel is not None:
            complete: dict[bytes, bool] = {}
            for path in wanted:
                folder = path.rpartition(b"/")[0]
                if self._series is None or has_sentinel(root, self._series, folder, complete):
                    yield path, found[path], [path], self._files
                else:
                    self._files.forget(path)
                    self._waiting.add(path)
            return
        folders: dict[bytes, list[Found]] = {}
        for file in found.values():
            folders.setdefault(file.path.rpartition(b"/")[0], []).append(file)
        for folder, files in folders.items():
            if mine := [file.path for file in files if file.path in wanted]:
                yield folder, frozenset(files), mine, self._folders

    def _is_held(self, path: bytes) -> bool:
        if self._held is None:
            return False
        try:
            return self._held(path)
        except FileNotFoundError:
            return True  # gone, or another one by now: the next look will tell
        except OSError:
            return False  # whoever reads it will say why it cannot be read

    def _remember(
        self,
        decisions: Iterable[Decision],
        found: Mapping[bytes, Found],
        wanted: Collection[bytes],
        ripe: Collection[bytes] | None,
    ) -> None:
        """Keep what was said, so that it is said once; drop what is decided or gone."""
        for decision in decisions:
            self._waiting.discard(decision.path)
            if decision.found is None:
                self._told.pop(decision.path, None)
            else:
                self._told[decision.path] = (decision.found, decision.entry)
        folders = {path.rpartition(b"/")[0] for path in wanted}
        if ripe is None:  # everything was looked at
            self._told = {path: file for path, file in self._told.items() if path in found}
            self._waiting.intersection_update(wanted)
            ripe = {*self._files, *self._folders}
        for key in ripe:
            if key not in wanted:
                self._files.forget(key)
                self._waiting.discard(key)
            if key not in folders:
                self._folders.forget(key)


def _is_gone(path: bytes) -> bool:
    """Return whether no ordinary file stands at a path; not if it cannot be told."""
    try:
        return not stat.S_ISREG(os.lstat(path).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
