"""How archive files are called: as their originals, with what they are appended.

``2024/photo.jpg`` of the watched folder ``pictures`` is stored as
``files/pictures/2024/photo.jpg.irrm.png``, its second content as
``files/pictures/2024/photo.jpg~2.irrm.png``. No two originals share a name: whatever of an
original's own name could be mistaken for our marks is marked itself. Names are for people; the
record in the file has the true one. Pure: no input or output here.
"""

from __future__ import annotations

import hashlib
import re

MARK = b".irrm"
SUFFIXES = (".png", ".tif", ".webp", ".jxl", ".zst")
"""Of archive files: the first three are LR files, the others exact."""

LONGEST = 200
"""Bytes of the longest name that is given; most file systems hold 255, and a temporary name is
longer by up to 20."""

_ARCHIVE = re.compile(rb".+\.irrm\.(?:png|tif|webp|jxl|zst)", re.DOTALL)
_MARKED_FOLDER = re.compile(rb".+\.irrm\.(?:png|tif|webp|jxl|zst)~*", re.DOTALL)
_NUMBERED = re.compile(rb".*~[0-9]+", re.DOTALL)


def archive_parts(
    root: str, path: bytes, version: int, suffix: str, *, longest: int = LONGEST
) -> tuple[bytes, ...]:
    """Return the parts of an archive file's path below the folder of all archive files.

    Parameters
    ----------
    root : str
        Name of the watched folder.
    path : bytes
        Of the original, relative to it.
    version : int
        From 1.
    suffix : str
        One of `SUFFIXES`.
    longest : int
        Bytes that a name may have.
    """
    *folders, name = path.split(b"/")
    ending = MARK + suffix.encode("ascii")
    number = b"~%d" % version
    stem = _short(name, longest - len(ending) - len(number))
    if version > 1 or _NUMBERED.fullmatch(stem):
        stem += number
    above = (root.encode("utf-8", "surrogateescape"), *folders)
    return (*(_folder(part, longest) for part in above), stem + ending)


def is_archive_name(name: bytes) -> bool:
    """Return whether a file is called like an archive file."""
    return _ARCHIVE.fullmatch(name) is not None


def _folder(name: bytes, longest: int) -> bytes:
    # A folder called like an archive file would stand in that file's place.
    mark = b"~" if _MARKED_FOLDER.fullmatch(name) else b""
    return _short(name, longest - len(mark)) + mark


def _short(name: bytes, longest: int) -> bytes:
    if len(name) <= longest:
        return name
    told = hashlib.sha256(name).hexdigest()[:16].encode("ascii")
    # Not in the midst of a character, which some file systems refuse.
    start = name[: longest - len(told) - 1].decode("utf-8", "ignore").encode("utf-8")
    return start + b"~" + told
