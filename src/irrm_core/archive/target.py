"""Where an output goes, settled before any work is done for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from irrm_core.errors import ImageFileError, UsageError
from irrm_core.imagefile import refuse_existing

if TYPE_CHECKING:
    from pathlib import Path


def settle_target(source: Path, target: Path | None, name: str, *, overwrite: bool) -> Path:
    """Return the path of an output that may be written.

    Parameters
    ----------
    source : Path
        What it is made from.
    target : Path, optional
        The output, or an existing folder that it goes into; by default beside the source.
    name : str
        Of the output, where `target` is no file.
    overwrite : bool
        Whether it may be there already.

    Raises
    ------
    OutputExistsError
        It is there.
    UsageError
        It is the source.
    ImageFileError
        Its folder is not there.
    """
    if target is None:
        path = source.with_name(name)
    else:
        path = target / name if target.is_dir() else target
    if path.resolve() == source.resolve():
        raise UsageError(f"{source}: the output would replace its own source; name another")
    if not path.parent.is_dir():
        raise ImageFileError(f"{path}: its folder is not there; make the folder first")
    refuse_existing(path, overwrite)
    return path
