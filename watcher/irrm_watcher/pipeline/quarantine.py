"""Where originals wait before they are deleted: in their own watched folder, only ever renamed.

``<root>/.irrm-quarantine/<moment>-<random>/<name>``: a folder for each file, made for it alone,
so that no name can be taken and every name fits. The moment is the observed time (see
`clock.Observed`) at which it came, from which its retention counts.

The catalogue learns of the place before anything moves, so after a crash the file is found.
"""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from irrm_core.archive.catalogue import State
from irrm_core.errors import OutputExistsError, QuarantineError, SourceChangedError
from irrm_core.imagefile.atomic import sync_folder
from irrm_watcher.failpoints import reach
from irrm_watcher.pipeline.look import Look, look_at
from irrm_watcher.scan.taking import QUARANTINE

if TYPE_CHECKING:
    from collections.abc import Callable

    from irrm_core.archive.catalogue import Entry
    from irrm_watcher.catalogue import CatalogueWriter

FOLDER = os.fsdecode(QUARANTINE)
"""Name of the folder in a watched one."""


@dataclass(frozen=True)
class Quarantine:
    """The quarantine of one watched folder.

    Attributes
    ----------
    root : Path
        The watched folder.
    writer : CatalogueWriter
        Learns of every step.
    held : callable
        Whether somebody has a file open for writing.
    """

    root: Path
    writer: CatalogueWriter
    held: Callable[[bytes], bool]

    def original(self, entry: Entry) -> Path:
        """Return where an original stands, or stood."""
        return self.root / os.fsdecode(entry.path)

    def place(self, entry: Entry) -> Path | None:
        """Return where it lies in quarantine, or is about to; None if nowhere."""
        path = entry.quarantine_path
        return None if path is None else self.root / os.fsdecode(path)

    def take(self, entry: Entry, look: Look, moment: float) -> Entry:
        """Move a committed entry's original into quarantine.

        Parameters
        ----------
        entry : Entry
            Committed.
        look : Look
            Of the original when its bytes were read and found to be the archived ones.
        moment : float
            Observed time.

        Raises
        ------
        SourceChangedError
            It looks otherwise now, is gone, or somebody writes it: nothing was moved.
        QuarantineError
            It cannot be moved: another file system, no permission.
        CatalogueError
            The catalogue cannot be written; `settle` goes on from wherever that was.
        """
        original = self.original(entry)
        reach("before-quarantine")
        place = self._slot(moment) / original.name
        reach("after-quarantine-folder")
        name = os.fsencode(place.relative_to(self.root).as_posix())
        entry = self.writer.update(entry, quarantine_path=name)
        reach("after-quarantine-intent")
        try:
            if look_at(original) != look or self.held(os.fsencode(original)):
                raise SourceChangedError(f"{original}: changed, or is still being written")
            original.rename(place)
        except OSError as why:
            self._nothing_moved(entry, place)
            if isinstance(why, SourceChangedError | FileNotFoundError):
                raise SourceChangedError(str(why)) from why
            raise QuarantineError(
                f"{original}: cannot be moved to {place.parent} ({why.strerror}); check the "
                "permissions of both folders, and watch other file systems as folders of their own"
            ) from why
        reach("after-quarantine-move")
        if not _same_file(look_at(place), look):
            self._put_back(entry, place, original)
            raise SourceChangedError(f"{original}: was replaced at the last moment")
        return self._moved(entry, place, original)

    def settle(self, entry: Entry) -> Entry:
        """Finish or undo what a crash interrupted on the way in or out; safe to repeat."""
        place, original = self.place(entry), self.original(entry)
        if place is None:
            return entry
        lying = look_at(place)
        if entry.state is State.committed:
            if lying is None:
                return self._nothing_moved(entry, place)
            if (lying.size, lying.mtime_ns) != (entry.size, entry.signature.mtime_ns):
                return self._put_back(entry, place, original)
            return self._moved(entry, place, original)
        if lying is None:
            return self._is_gone(entry, place, original)
        standing = look_at(original)
        if standing is not None and _same_file(standing, lying):
            # On its way back it had both names.
            return self._returned(entry, place, original)
        return entry

    def give_back(self, entry: Entry) -> Entry:
        """Move an original from quarantine to its place, where it stays from now on.

        Raises
        ------
        OutputExistsError
            Another file stands there.
        QuarantineError
            It is not in quarantine, or cannot be moved.
        """
        place, original = self.place(entry), self.original(entry)
        if place is None or look_at(place) is None:
            raise QuarantineError(f"{original}: its original is not in quarantine (any more)")
        reach("before-return")
        try:
            original.parent.mkdir(parents=True, exist_ok=True)
            _move_new(place, original)
        except FileExistsError as why:
            raise OutputExistsError(
                f"{original}: another file stands there; move it away first"
            ) from why
        except OSError as why:
            raise QuarantineError(f"{original}: cannot be moved back ({why.strerror})") from why
        return self._returned(entry, place, original)

    def purge(self, entry: Entry, look: Look) -> Entry:
        """Delete an original from quarantine.

        Parameters
        ----------
        entry : Entry
            Quarantined, due, and just compared with what the store gives back.
        look : Look
            Of the original in quarantine when it was compared.

        Raises
        ------
        SourceChangedError
            It looks otherwise now; it was not deleted.
        """
        place = self.place(entry)
        assert place is not None
        if look_at(place) != look:
            raise SourceChangedError(f"{place}: changed since it was compared; it is kept")
        reach("before-purge")
        place.unlink()
        reach("after-purge-delete")
        self._drop_slot(place)
        reach("after-purge-sync")
        entry = self.writer.advance(entry, State.purged)
        reach("after-purged")
        return entry

    def drop_empty_slots(self) -> None:
        """Remove folders that were made for a file which never came; files are not touched."""
        folder = self.root / FOLDER
        with suppress(OSError):
            for slot in list(folder.iterdir()):
                with suppress(OSError):
                    slot.rmdir()

    def _slot(self, moment: float) -> Path:
        folder = self.root / FOLDER
        try:
            with suppress(FileExistsError):
                folder.mkdir()
                sync_folder(self.root)
            if not stat.S_ISDIR(folder.lstat().st_mode):
                raise QuarantineError(f"{folder}: is not a folder; move it away")
            slot = folder / f"{int(moment)}-{secrets.token_hex(4)}"
            slot.mkdir()
        except QuarantineError:
            raise
        except OSError as why:
            error = QuarantineError(
                f"{folder}: cannot be written ({why.strerror}); check its permissions and space"
            )
            error.errno = why.errno
            raise error from why
        sync_folder(folder)
        return slot

    def _moved(self, entry: Entry, place: Path, original: Path) -> Entry:
        sync_folder(place.parent)
        sync_folder(original.parent)
        reach("after-quarantine-sync")
        entry = self.writer.advance(entry, State.quarantined)
        reach("after-quarantined")
        return entry

    def _nothing_moved(self, entry: Entry, place: Path) -> Entry:
        with suppress(OSError):
            place.parent.rmdir()
        return self.writer.update(entry, quarantine_path=None)

    def _put_back(self, entry: Entry, place: Path, original: Path) -> Entry:
        """Undo a move that caught another file than the archived one."""
        try:
            _move_new(place, original)
        except OSError:
            # Whoever wrote there has gone on; this content is owed a place all the same.
            return entry
        sync_folder(original.parent)
        return self._nothing_moved(entry, place)

    def _returned(self, entry: Entry, place: Path, original: Path) -> Entry:
        place.unlink(missing_ok=True)
        reach("after-return-move")
        sync_folder(original.parent)
        self._drop_slot(place)
        reach("after-return-sync")
        return self._stands_again(entry, original)

    def _stands_again(self, entry: Entry, original: Path) -> Entry:
        look = look_at(original)
        assert look is not None
        # With the time of quarantine kept, it is not taken there a second time.
        with self.writer.batch():
            entry = self.writer.advance(entry, State.committed, quarantined_at=entry.quarantined_at)
            entry = self.writer.touch(entry, look.signature)
        reach("after-returned")
        return entry

    def _is_gone(self, entry: Entry, place: Path, original: Path) -> Entry:
        """Conclude about a quarantined original that is not in quarantine."""
        if not (self.root / FOLDER).is_dir():
            return entry  # not mounted, perhaps
        self._drop_slot(place)
        standing = look_at(original)
        if standing is not None and (standing.size, standing.mtime_ns) == (
            entry.size,
            entry.signature.mtime_ns,
        ):
            return self._stands_again(entry, original)
        return self.writer.advance(entry, State.purged)

    def _drop_slot(self, place: Path) -> None:
        with suppress(OSError):
            place.parent.rmdir()
        sync_folder(self.root / FOLDER)


def arrived(entry: Entry) -> float | None:
    """Return the observed time at which an original came into quarantine; None if unknown."""
    parts = (entry.quarantine_path or b"").split(b"/")
    moment = parts[1].partition(b"-")[0] if len(parts) == 3 else b""
    return float(moment) if moment.isdigit() else None


def due(entry: Entry, retention: float, wall: float, observed: float) -> bool:
    """Return whether an original has been in quarantine for long enough.

    Both clocks must say so: the observed time cannot jump, and the wall clock is what people
    read. One of unknown arrival, as of a catalogue that was lost, is never due by itself.
    """
    since = arrived(entry)
    if since is None or entry.quarantined_at is None:
        return False
    return observed - since >= retention and wall - entry.quarantined_at >= retention


def _same_file(one: Look | None, other: Look) -> bool:
    """Return whether two looks are of one file and one content; a rename changes its ctime."""
    return one is not None and one._replace(ctime_ns=0) == other._replace(ctime_ns=0)


def _move_new(source: Path, target: Path) -> None:
    """Rename within a file system, but never over another file."""
    try:
        target.hardlink_to(source)
    except FileExistsError:
        raise
    except OSError:
        if os.path.lexists(target):
            raise FileExistsError(target) from None
        source.rename(target)  # no hard links here
        return
    reach("after-return-link")
    source.unlink()
