"""Where the originals of archived files are now, when no catalogue tells."""

from __future__ import annotations

import hashlib
import os
import stat
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from irrm_core.archive.provenance import Provenance
    from irrm_core.progress import Cancel


def standing(root: Path, provenance: Provenance) -> os.stat_result | None:
    """Return the state of an original that stands in its place as it was when it was archived.

    A file with another size or time is for the next scan to look into.
    """
    try:
        found = (root / os.fsdecode(provenance.path)).lstat()
    except OSError:
        return None
    same = (found.st_size, found.st_mtime_ns) == (provenance.size, provenance.mtime_ns)
    return found if same and stat.S_ISREG(found.st_mode) else None


class Quarantined:
    """The files in the quarantine of one watched folder, found by their content.

    Parameters
    ----------
    root : Path
        The watched folder.
    sizes : set of int
        In bytes; files of other sizes are not looked into.
    cancel : Cancel
        Looked at before each file, which is read whole.
    """

    def __init__(self, root: Path, sizes: Collection[int], cancel: Cancel) -> None:
        from irrm_watcher.scan.taking import QUARANTINE

        self._root = root
        self._by_content: dict[str, list[Path]] = defaultdict(list)
        for here, folders, names in os.walk(root / os.fsdecode(QUARANTINE)):
            folders.sort()
            for name in sorted(names):
                cancel.check()
                path = Path(here, name)
                found = _hash(path, sizes)
                if found is not None:
                    self._by_content[found].append(path)

    def take(self, provenance: Provenance, *, by_name: bool) -> bytes | None:
        """Return where an original lies, relative to the watched folder; each file only once.

        Parameters
        ----------
        provenance : Provenance
            Of the original.
        by_name : bool
            Whether the file must be called like the original, too: of several with one content
            each is its own.
        """
        name = os.fsdecode(provenance.path.rpartition(b"/")[2])
        alike = self._by_content.get(provenance.sha256, [])
        for path in alike:
            if not by_name or name == path.name:
                alike.remove(path)
                return os.fsencode(path.relative_to(self._root).as_posix())
        return None


def _hash(path: Path, sizes: Collection[int]) -> str | None:
    try:
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode) or found.st_size not in sizes:
            return None
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return None  # what cannot be read cannot be known
