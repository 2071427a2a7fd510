"""The journal of restored files, by which a daemon knows its own output.

A line is on the disk before the file that it tells of takes its name: whoever sees the file
can find its hash here, however the restoring process ended. A hash too many does no harm.
"""

from __future__ import annotations

import json
import os
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from irrm_core.errors import ImageFileError

if TYPE_CHECKING:
    from collections.abc import Iterator

JOURNAL = "restored.jsonl"
"""Name of the journal in a store's folder."""


@dataclass(frozen=True)
class JournalLine:
    """One restored file.

    Attributes
    ----------
    sha256 : str
        Of the file's bytes, hexadecimal.
    path : Path
        Where it was written to; the name may hold surrogate escapes.
    at : float
        When, in seconds since 1970.
    """

    sha256: str
    path: Path
    at: float


class Journal:
    """The journal of one store; any number of processes append to it.

    Parameters
    ----------
    store : path
        The folder of the store.
    """

    def __init__(self, store: str | os.PathLike[str]) -> None:
        self.path = Path(store) / JOURNAL
        self._known: set[tuple[str, Path]] = set()
        self._read = 0

    def append(self, sha256: str, path: Path) -> None:
        """Write a line; when this returns, it survives a power cut.

        Raises
        ------
        ImageFileError
            The store cannot be written.
        """
        line = {"sha256": sha256, "path": str(path.absolute()), "at": round(time.time(), 3)}
        content = json.dumps(line, separators=(",", ":")).encode("ascii") + b"\n"
        try:
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
            try:
                with _locked(handle):
                    size = os.fstat(handle).st_size
                    if size and _last_byte(handle, size) != b"\n":
                        content = b"\n" + content  # after a line that a crash cut off
                    while content:
                        content = content[os.write(handle, content) :]
                    os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as why:
            raise ImageFileError(
                f"{self.path}: cannot be written ({why.strerror or why}), and without this line a "
                "watched folder would take the restored file for a new one; make the store "
                "writable, or free some space"
            ) from why

    def read_from(self, offset: int = 0) -> tuple[list[JournalLine], int]:
        """Return the lines that begin at `offset` or behind, and the offset to go on from.

        A line that is being written, or that a crash cut off, is left for later; what is no
        line of a journal is passed over. An offset beyond the end, of a journal that was
        replaced, reads it from the beginning.
        """
        try:
            with self.path.open("rb") as stream:
                if stream.seek(0, os.SEEK_END) < offset:
                    offset = 0
                stream.seek(offset)
                content = stream.read()
        except FileNotFoundError:
            return [], 0
        except OSError as why:
            raise ImageFileError(
                f"{self.path}: cannot be read ({why.strerror or why}); check the store's disk"
            ) from why
        whole = content[: content.rfind(b"\n") + 1]
        lines = [line for raw in whole.splitlines() if (line := _parsed(raw)) is not None]
        return lines, offset + len(whole)

    def knows(self, sha256: str, path: Path) -> bool:
        """Return whether a file with this hash was restored to this path."""
        lines, self._read = self.read_from(self._read)
        self._known.update((line.sha256, line.path) for line in lines)
        return (sha256, path.absolute()) in self._known

    def hashes(self) -> frozenset[str]:
        """Return the SHA-256 of everything that was ever restored from the store."""
        return frozenset(line.sha256 for line in self.read_from()[0])


def _parsed(raw: bytes) -> JournalLine | None:
    try:
        line = json.loads(raw)
        return JournalLine(str(line["sha256"]), Path(line["path"]), float(line["at"]))
    except (ValueError, LookupError, TypeError):
        return None


def _last_byte(handle: int, size: int) -> bytes:
    os.lseek(handle, size - 1, os.SEEK_SET)
    return os.read(handle, 1)


@contextmanager
def _locked(handle: int) -> Iterator[None]:
    try:
        import fcntl
    except ImportError:  # Windows: lines this short are appended whole
        yield
        return
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(handle, fcntl.LOCK_UN)
