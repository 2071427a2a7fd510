"""Which file format holds an LR, and which a restoration."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from irrm_core.errors import UsageError
from irrm_core.imagefile import READABLE_SUFFIXES

if TYPE_CHECKING:
    from irrm_core.imagefile import ImageInfo

SUFFIXES = {"png": ".png", "tiff": ".tif", "webp": ".webp"}
"""Of the formats that hold an LR; all of them lossless as we write them."""

_ALIASES = {"tif": "tiff"}
_FORMATS = {".png": "png", ".tif": "tiff", ".tiff": "tiff", ".webp": "webp"}


def is_image_name(path: Path) -> bool:
    """Return whether a file of a folder is named like an image that can be read."""
    return path.suffix.lower() in READABLE_SUFFIXES


def lr_format(info: ImageInfo, target: Path | None, wish: str | None) -> str:
    """Return the format of the LR file of an image.

    Parameters
    ----------
    info : ImageInfo
        Of the original.
    target : Path, optional
        The LR file, whose suffix decides if there is no wish, or an existing folder, which
        says nothing.
    wish : str, optional
        A key of `SUFFIXES`.

    Raises
    ------
    UsageError
        The format cannot hold this LR, or name and wish contradict each other.
    """
    if target is not None and target.is_dir():
        target = None
    named = None if target is None else _FORMATS.get(target.suffix.lower(), target.suffix)
    wished = None if wish is None else _ALIASES.get(wish.lower(), wish.lower())
    if named is not None and wished is not None and named != wished:
        raise UsageError(f"{target}: is not named like a {wished} file; change one of the two")
    chosen = next(name for name in (wished, named, _fitting(info)) if name is not None)
    if chosen not in SUFFIXES:
        raise UsageError(
            f"{target or info.path}: an LR file cannot be {chosen or 'without suffix'}, its pixels "
            f"must be kept exactly; choose {', '.join(SUFFIXES)}"
        )
    if chosen != "tiff" and not _is_picture(info):
        raise UsageError(
            f"{info.path}: its LR has more than 8 bits or more than one plane, which {chosen} "
            "does not hold here; choose tiff"
        )
    return chosen


def restored_suffix(info: ImageInfo, dtype: str) -> str:
    """Return the suffix of the restoration of an LR file: ``".png"`` or ``".tif"``.

    Parameters
    ----------
    info : ImageInfo
        Of the LR file.
    dtype : str
        Of the restoration.
    """
    return ".png" if dtype == "uint8" and _fitting(info) == "png" else ".tif"


def _fitting(info: ImageInfo) -> str:
    return "png" if _is_picture(info) and not info.metadata.scientific else "tiff"


def _is_picture(info: ImageInfo) -> bool:
    return info.dtype.name == "uint8" and info.axes in ("YX", "YXS")
