"""How restored files are called: as they were, where that is true of their content."""

from __future__ import annotations

import os
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from irrm_core.archive.naming import RESTORED_MARK

if TYPE_CHECKING:
    from irrm_core.archive.catalogue import Entry

_PICTURE = (".png", ".webp")
_JPEG = (".jpg", ".jpeg", ".jpe")
_TIFF = (".tif", ".tiff")


def restored_suffix_of(original: str, stored: str, deliver: str) -> str | None:
    """Return the suffix that is appended to an original's name; None if it fits as it is.

    Parameters
    ----------
    original : str
        Name of the original.
    stored : str
        Name of its LR file: PNG and WebP hold one plane of 8 bits, TIFF anything.
    deliver : str
        ``"lossless"`` or ``"jpeg"``, as the gate judged it.

    Returns
    -------
    str or None
        With its dot.
    """
    suffix = PurePosixPath(original).suffix.lower()
    picture = PurePosixPath(stored).suffix.lower() in _PICTURE
    if deliver == "jpeg":
        return None if suffix in _JPEG else ".jpg"
    if suffix in _TIFF or suffix == ".png" or (picture and suffix in _PICTURE):
        return None
    return ".png" if picture else ".tif"


def delivered_name(original: str, stored: str, deliver: str) -> str:
    """Return the name of the restoration of an LR file; see `restored_suffix_of`.

    ``scan.tif`` and ``drawing.png`` come back by their own names. ``photo.jpg``, of which only
    a lossless file delivers what was measured, comes back as ``photo.jpg.restored.png``.
    """
    suffix = restored_suffix_of(original, stored, deliver)
    return original if suffix is None else f"{original}{RESTORED_MARK}{suffix}"


def name_of(entry: Entry, original: str) -> str:
    """Return the name that an entry is restored by: that of the original where it fits."""
    if entry.storage != "lr":
        return original
    stored = parts_of(entry.stored_path or b"") or ("",)
    return delivered_name(original, stored[-1], delivery_of(entry)[0])


def delivery_of(entry: Entry) -> tuple[str, int]:
    """Return what the gate judged of an LR: ``"lossless"`` or ``"jpeg"``, and the quality."""
    kind, _, quality = str(entry.measured.get("deliver", "lossless")).partition(":")
    return kind, int(quality) if quality.isdecimal() else 95


def parts_of(path: bytes) -> tuple[str, ...] | None:
    """Return the parts of a path in a catalogue; None if it would leave its root."""
    parts = tuple(os.fsdecode(path).split("/"))
    bad = any(part in ("", ".", "..") or "\0" in part for part in parts)
    return None if bad or (os.sep != "/" and any(os.sep in part for part in parts)) else parts


def numbered(name: str, number: int) -> str:
    """Return a name for the second and later file of the same name: ``photo~2.jpg``."""
    stem, dot, suffix = name.rpartition(".")
    return f"{stem}~{number}.{suffix}" if dot and stem else f"{name}~{number}"
