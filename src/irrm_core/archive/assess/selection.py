"""Which files are assessed: all of a folder, the first few, or a sample that stays the same."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from irrm_core.archive.formats import is_image_name
from irrm_core.errors import ImageFileError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


@dataclass(frozen=True)
class Selection:
    """Files to assess.

    Attributes
    ----------
    paths : tuple of Path
        In the order of their names.
    found : int
        How many images there are to choose from.
    found_size : int
        Their bytes.
    others : int
        Files of the folders that are not wanted, such as those not named like images.
    kind : str
        ``"all"``, ``"first"`` or ``"sample"``.
    """

    paths: tuple[Path, ...]
    found: int
    found_size: int
    others: int
    kind: str


def select(
    paths: Sequence[str | os.PathLike[str]],
    *,
    limit: int | None = None,
    sample: int | None = None,
    wanted: Callable[[Path], bool] = is_image_name,
) -> Selection:
    """Choose the files to assess.

    Parameters
    ----------
    paths : sequence of path
        Files, and folders that are searched with all below; hidden names are left out and
        symbolic links to folders not followed.
    limit : int, optional
        Only the first, by name.
    sample : int, optional
        So many, chosen by a hash of their names: the same in every run, spread over all
        folders, and hardly others when files are added.

    wanted : callable
        Whether a file of a folder is one to assess; by default every one named like an image.

    Raises
    ------
    ImageFileError
        A path is not there.
    UsageError
        There is no image at all, or `limit` and `sample` are both given.
    """
    if limit is not None and sample is not None:
        raise UsageError("--limit and --sample are two ways to choose; give one of them")
    found: dict[Path, Path] = {}
    others = 0
    for path in map(Path, paths):
        if not path.is_dir():
            if not path.exists():
                raise ImageFileError(f"{path}: no such file or folder; check the path")
            found.setdefault(path, Path(path.name))
            continue
        for file in _walk(path):
            if wanted(file):
                found.setdefault(file, file.relative_to(path))
            else:
                others += 1
    if not found:
        raise UsageError(f"{', '.join(map(str, paths))}: holds no image to assess; check the path")
    chosen, kind = sorted(found), "all"
    if limit is not None and limit < len(chosen):
        chosen, kind = chosen[:limit], "first"
    if sample is not None and sample < len(chosen):
        chosen, kind = sorted(sorted(chosen, key=lambda p: _draw(found[p]))[:sample]), "sample"
    return Selection(tuple(chosen), len(found), sum(map(_size, found)), others, kind)


def _draw(name: Path) -> bytes:
    return hashlib.sha256(os.fsencode(name)).digest()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _walk(folder: Path) -> Iterator[Path]:
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(here) / name for name in sorted(files) if not name.startswith("."))
