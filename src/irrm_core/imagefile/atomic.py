"""Write a file whole or not at all.

`rename` within a folder is atomic, but only data that were synced before it survive a power
cut, and the new name itself only when the folder was synced too. Python's own modes offer
none of the three together, hence this file.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from irrm_core.errors import ImageFileError, IrrmError, OutputExistsError

# Hidden, in the folder of the output, and called so that it can be told whose it is.
_TEMPORARY = re.compile(r"\.(.+)\.[0-9a-f]{12}\.part", re.DOTALL)


@contextmanager
def atomic_output(
    path: str | os.PathLike[str],
    overwrite: bool = False,
    *,
    finish: Callable[[Path], None] | None = None,
) -> Iterator[BinaryIO]:
    """Open a file for writing that appears under its name only when it is complete.

    The bytes go to a hidden temporary file in the same folder, which is synced, takes the
    name, and the folder is synced; when the block raises, the temporary file is removed.

    Parameters
    ----------
    path : path
        Where the file shall be. Its folder must exist.
    overwrite : bool
        Replace a file that is there. Without it an existing file is kept even if it appears
        while the new one is being written.
    finish : callable, optional
        Called with the path of the complete temporary file before that is synced and takes
        its name: to set its times and attributes, or to note elsewhere that it will come.
        When it raises, no file appears.

    Yields
    ------
    BinaryIO
        Open for reading and writing bytes, seekable.

    Raises
    ------
    OutputExistsError
        The file exists and `overwrite` is false.
    ImageFileError
        The file system refused: no such folder, no space, no permission.
    """
    target = Path(path)
    refuse_existing(target, overwrite)
    temporary = temporary_beside(target)
    hold = None
    try:
        with temporary.open("x+b") as stream:
            hold = _hold(stream)
            yield stream
            stream.flush()
            if finish is not None:
                finish(temporary)
            os.fsync(stream.fileno())
        take_name(temporary, target, overwrite)
    except IrrmError:
        raise
    except OSError as why:
        reason = why.strerror or str(why)
        raise ImageFileError(
            f"{target}: cannot be written ({reason}); free some space, or choose another folder"
            " or a shorter name"
        ) from why
    finally:
        # A file system that lets nothing be made has nothing to remove, and says so again.
        with contextlib.suppress(OSError):
            temporary.unlink()
        if hold is not None:
            os.close(hold)


def temporary_beside(path: Path) -> Path:
    """Return a new name in the folder of `path` for its content until that is complete."""
    return path.with_name(f".{_beginning(path.name)}.{secrets.token_hex(6)}.part")


def _beginning(name: str) -> str:
    # Names end at 255 bytes, and a character may take four of them.
    return name[:50]


def final_name(path: Path) -> str:
    """Return the name that a file will have, of a temporary one shortened to its beginning."""
    temporary = _TEMPORARY.fullmatch(path.name)
    return path.name if temporary is None else temporary[1]


def remove_leftovers(folder: Path, names: Collection[str]) -> None:
    """Remove what a process that was killed left behind of outputs called `names`.

    A temporary file that is still being written is held by its writer, and stays.
    """
    with contextlib.suppress(OSError):
        beginnings = {_beginning(name) for name in names}
        for path in list(folder.iterdir()):
            found = _TEMPORARY.fullmatch(path.name)
            if found and found[1] in beginnings:
                with contextlib.suppress(OSError), path.open("r+b") as stream:
                    hold = _hold(stream)
                    if hold is not None:
                        path.unlink()
                        os.close(hold)


def is_temporary(path: str | os.PathLike[str]) -> bool:
    """Return whether a file is called like one that `atomic_output` is writing, or left behind."""
    return _TEMPORARY.fullmatch(Path(path).name) is not None


def _hold(stream: BinaryIO) -> int | None:
    """Take a file for this process; return a handle to close when it has its name, or None."""
    try:
        import fcntl

        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.dup(stream.fileno())
    except (ImportError, OSError):
        return None


def refuse_existing(path: Path, overwrite: bool) -> None:
    """Raise `OutputExistsError` if `path` is there and must be kept; call before long work."""
    if not overwrite and os.path.lexists(path):
        raise OutputExistsError(
            f"{path}: is already there and was kept; choose another name or allow overwriting"
        )


def take_name(temporary: Path, target: Path, overwrite: bool = False) -> None:
    """Give a complete and synced file its name, and sync the folder.

    Raises
    ------
    OutputExistsError
        The name is taken and `overwrite` is false; both files stay.
    OSError
        The file system refused.
    """
    _rename(temporary, target, overwrite)
    sync_folder(target.parent)


def _rename(temporary: Path, target: Path, overwrite: bool) -> None:
    if overwrite:
        temporary.replace(target)
        return
    try:
        # A link fails if the name is taken, which a rename would replace.
        target.hardlink_to(temporary)
    except FileExistsError:
        refuse_existing(target, overwrite)
        raise
    except OSError:
        # No hard links here (FAT, some network file systems): claim the name, then replace
        # the empty file that claims it.
        try:
            target.open("x").close()
        except FileExistsError:
            refuse_existing(target, overwrite)
            raise
        try:
            temporary.replace(target)
        except OSError:
            target.unlink(missing_ok=True)
            raise


def sync_folder(folder: Path) -> None:
    """Make renames in `folder` survive a power cut, where the system can do that."""
    with contextlib.suppress(OSError):  # Windows cannot open folders
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
