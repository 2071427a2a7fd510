"""The marker of a watched folder: an empty mount point is not a folder with everything deleted.

A marker lies in the folder, and the store remembers its id. Once a folder was watched, it counts
as away whenever that marker is not there: the disk is not mounted, another one is, or the folder
was moved. Nothing is concluded about the files of a folder that is away.
"""

from __future__ import annotations

import json
import stat
import uuid
from dataclasses import dataclass
from pathlib import Path

from irrm_core.archive.recall.places import ROOT_MARKER
from irrm_core.errors import ImageFileError
from irrm_core.imagefile.atomic import atomic_output

MARKER = ROOT_MARKER
"""Name of the marker in a watched folder."""

_INODE = "inode:"

ROOTS = "roots.json"
"""Name of the file in the store's folder that has the ids of the watched folders."""


@dataclass(frozen=True)
class RootState:
    """Whether a watched folder is there.

    Attributes
    ----------
    present : bool
        It is, and it is the one that was watched before.
    reason : str
        Why not, and what to do; empty if it is present.
    device : int or None
        Of the folder, as the file system numbers it; None if it is away.
    """

    present: bool
    reason: str = ""
    device: int | None = None


class RootMarkers:
    """The markers of all folders of one store.

    Parameters
    ----------
    store : path
        The folder of the store, which exists.
    """

    def __init__(self, store: Path) -> None:
        self._path = store / ROOTS
        self._store = store

    def state(self, name: str, root: Path, *, established: bool = False) -> RootState:
        """Return whether a watched folder is there; mark it if it was never seen before.

        A folder in which no marker can be written is known by its inode.

        Parameters
        ----------
        name : str
            Of the folder in the configuration.
        root : path
            The folder.
        established : bool
            Files of this folder are known: it must have been marked before.

        Raises
        ------
        ImageFileError
            The marker or the list in the store cannot be read or written.
        """
        try:
            status = root.stat()
            if not stat.S_ISDIR(status.st_mode):
                return RootState(False, f"{root}: is not a folder; check the configuration")
            standing = _read_marker(root) or f"{_INODE}{status.st_ino}"
        except OSError as why:
            reason = why.strerror or why
            return RootState(False, f"{root}: cannot be looked at ({reason}); is its disk mounted?")
        expected = self._known().get(name)
        if expected is None and not (established and standing.startswith(_INODE)):
            if standing.startswith(_INODE):
                standing = _write_marker(root, name, _store_id(self._store)) or standing
            self._remember(name, standing)
            expected = standing
        if standing == expected:
            return RootState(True, device=status.st_dev)
        how = (
            f"has lost its marker {MARKER}: its disk seems not to be mounted"
            if standing.startswith(_INODE)
            else "carries the marker of another folder: another disk seems to be mounted there"
        )
        marker = json.dumps({"id": expected or name})
        return RootState(
            False,
            f"{root}: {how}. Nothing is concluded about its files. Mount the right disk; if it is "
            f"the right one, write {marker} into its {MARKER}; if another folder takes its place "
            "for good, give that another name in the configuration",
        )

    def other_store(self, root: Path) -> str | None:
        """Return the id of another store that a folder was marked for; None if it is this one."""
        marked = _marker(root).get("store")
        return None if marked in (None, _store_id(self._store)) else str(marked)

    def _known(self) -> dict[str, str]:
        try:
            content = json.loads(self._path.read_bytes())
            return {str(name): str(identity) for name, identity in content["roots"].items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, LookupError, AttributeError, TypeError) as why:
            raise ImageFileError(
                f"{self._path}: cannot be read ({why}); without it an empty mount cannot be told "
                "from deleted files. Restore it from a backup, or remove it while all watched "
                "folders are mounted"
            ) from why

    def _remember(self, name: str, identity: str) -> None:
        roots = {**self._known(), name: identity}
        text = json.dumps({"irrm": "roots", "format": 1, "roots": roots}, indent=1)
        with atomic_output(self._path, overwrite=True) as stream:
            stream.write(text.encode("ascii") + b"\n")


def _read_marker(root: Path) -> str | None:
    """Return the id in a folder's marker; None if there is none that can be read as one."""
    identity = _marker(root).get("id")
    return None if identity is None else str(identity)


def _marker(root: Path) -> dict[str, object]:
    try:
        content = json.loads((root / MARKER).read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _write_marker(root: Path, name: str, store: str | None) -> str | None:
    """Return the id of the new marker; None if nothing can be written in the folder."""
    identity = str(uuid.uuid4())
    content = {"irrm": "root", "format": 1, "id": identity, "name": name, "store": store}
    text = json.dumps(content, indent=1)
    try:
        with atomic_output(root / MARKER, overwrite=True) as stream:
            stream.write(text.encode("ascii") + b"\n")
    except ImageFileError:
        return None
    return identity


def _store_id(store: Path) -> str | None:
    try:
        return str(json.loads((store / "irrm-store.json").read_bytes())["id"])
    except (OSError, ValueError, LookupError, TypeError):
        return None  # whether it is a store at all is for the store to say
