"""Look at a watched folder: one pass that lists and stats, and never leaves it."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from irrm_core.imagefile.atomic import is_temporary
from irrm_watcher.scan.found import Found, Passed, below

if TYPE_CHECKING:
    from collections.abc import Iterator

    from irrm_watcher.scan.taking import Taking

_LINK = "is a symbolic link; links are not followed, since they may lead out of the watched folder"
LEFTOVER = "is called like an unfinished output of irrm"
"""Why a temporary file is passed over."""

_STORE = "is a store of irrm-watch; what is archived is not archived again"
_STORE_MARKER = b"irrm-store.json"
_MOUNT = "is on another file system; watch it as a folder of its own"


def walk(
    root: bytes, taking: Taking, folder: bytes = b"", *, recursive: bool = True
) -> Iterator[Found | Passed]:
    """Return what lies in a watched folder.

    Parameters
    ----------
    root : bytes
        The watched folder, absolute, its real path.
    taking : Taking
        Which names are taken. Others are passed over in silence.
    folder : bytes
        Where to begin, relative to the root; whether it may be entered is not asked.
    recursive : bool
        Enter the folders in it.

    Yields
    ------
    Found or Passed
        Ordinary files; what is no ordinary file, lies on another file system or cannot be read.
        What vanishes meanwhile is left out.
    """
    try:
        device = os.lstat(root).st_dev
    except OSError as why:
        yield Passed(b"", _refused(why), failed=True)
        return
    waiting = [folder]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(below(root, folder)) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as why:
            yield Passed(folder, _refused(why), failed=True)
            continue
        if any(entry.name == _STORE_MARKER for entry in entries):
            yield Passed(folder, _STORE)  # of another configuration, or mounted here once more
            continue
        for entry in entries:
            path = below(folder, entry.name)
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            except OSError as why:
                yield Passed(path, _refused(why), failed=True)
                continue
            if not stat.S_ISDIR(status.st_mode):
                yield from _file(path, status, taking)
            elif recursive and taking.folder(path, entry.path):
                if status.st_dev == device:
                    waiting.append(path)
                else:
                    yield Passed(path, _MOUNT)


def look_at(
    root: bytes, taking: Taking, path: bytes, *, recursive: bool = True
) -> Iterator[Found | Passed]:
    """Return what stands at one relative path: a file, or all that lies in a folder.

    What `walk` would not come to is left out.
    """
    try:
        device = os.lstat(root).st_dev
        parts = path.split(b"/") if path else []
        for end in range(1, len(parts) + 1):
            at = b"/".join(parts[:end])
            status = os.lstat(below(root, at))
            if not stat.S_ISDIR(status.st_mode):
                if end == len(parts):
                    yield from _file(path, status, taking)
                return
            if status.st_dev != device or not taking.folder(at, below(root, at)):
                return
            if os.path.lexists(below(below(root, at), _STORE_MARKER)):
                return
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as why:
        yield Passed(path, _refused(why), failed=True)
        return
    yield from walk(root, taking, path, recursive=recursive)


def _file(path: bytes, status: os.stat_result, taking: Taking) -> Iterator[Found | Passed]:
    if not taking.file(path):
        if is_temporary(os.fsdecode(path)):
            yield Passed(path, LEFTOVER)
        return
    if stat.S_ISREG(status.st_mode):
        yield Found.of(path, status)
    elif stat.S_ISLNK(status.st_mode):
        yield Passed(path, _LINK)
    else:
        yield Passed(path, "is a pipe, socket or device, not a file")


def _refused(why: OSError) -> str:
    return f"cannot be looked at ({why.strerror or why}); check its permissions and its disk"
