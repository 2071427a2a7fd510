"""From an image file to its LR file in a folder, if it passes the gate."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from irrm_core.archive.classes.choosing import too_little
from irrm_core.archive.classes.excluded import exclusion, neighbours
from irrm_core.archive.classes.facts import SourceFacts
from irrm_core.archive.classes.refusal import StoreWriteError
from irrm_core.archive.classes.spool import hash_of
from irrm_core.archive.formats import is_image_name
from irrm_core.archive.kind import embedded_kind
from irrm_core.archive.naming import lr_name
from irrm_core.errors import (
    ImageDataError,
    ImageFileError,
    NotRestorableError,
    SourceChangedError,
    UsageError,
)

if TYPE_CHECKING:
    from irrm_core.archive.choice import RescalerPool
    from irrm_core.archive.classes.rule import Rule
    from irrm_core.archive.gate import GateReport
    from irrm_core.progress import Cancel, Progress

# What an image can have against being downscaled, of which its folder hears and goes on.
_UNFIT = (ImageFileError, ImageDataError, UsageError, MemoryError, NotRestorableError)


@dataclass(frozen=True)
class GatedFile:
    """What became of one image.

    Attributes
    ----------
    source : Path
        The original, which is as it was.
    target : Path or None
        Its LR file; None where there is none, or it was only tried.
    size : int
        Bytes of the original.
    lr_size : int or None
        Bytes of its LR file, also of one that did not pass; None where none could be made.
    report : GateReport or None
        What the gate measured, if it came so far.
    reason : str
        Why there is no LR file; empty if it passed.
    """

    source: Path
    target: Path | None
    size: int
    lr_size: int | None = None
    report: GateReport | None = None
    reason: str = ""

    @property
    def passed(self) -> bool:
        """Whether an LR file may stand for the original."""
        return not self.reason


def downscale_gated(
    source: Path,
    folder: Path,
    rule: Rule,
    pool: RescalerPool,
    *,
    keep: bool = True,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> GatedFile:
    """Write the LR file of an image, read it back, restore it, and keep it only if it passes.

    The network runs twice. Nothing that is in the folder is replaced, and nothing half appears
    in it.

    Parameters
    ----------
    source : Path
        An image file; it is only read.
    folder : Path
        For the LR file, which is named by `lr_name`; must exist.
    rule : Rule
        Floors, the saving that is asked for, the format; its classes are without meaning here.
    pool : RescalerPool
        From `Rule.pool`.
    keep : bool
        False for a trial, which leaves nothing in the folder.
    progress, cancel
        Told of each tile; asked before each tile.

    Raises
    ------
    OutputExistsError
        The folder has a file of that name.
    StoreWriteError
        The folder cannot be written.
    ModelNotFoundError, ModelFileError
        A model that the rule asks for.
    Cancelled
        Nothing is left behind.
    """
    size = 0
    written: set[Path] = set()
    try:
        size = _state(source)[0]
        reason = left_alone(source, rule)
        if reason:
            return GatedFile(source, None, size, reason=reason)
        return _gated(source, folder, rule, pool, keep, written, progress, cancel)
    except _UNFIT as error:
        told = str(error).removeprefix(f"{source}: ") or "not enough memory"
        return GatedFile(source, None, size, reason=told)
    finally:
        for path in written:
            with suppress(OSError):
                path.unlink(missing_ok=True)


def left_alone(source: Path, rule: Rule) -> str:
    """Return why an image is not downscaled whatever its pixels are; empty if it may be.

    Raises
    ------
    ImageFileError
        The file cannot be read.
    """
    from irrm_core.archive.classes.parts import other_files
    from irrm_core.archive.classes.unkept import lost_beside

    if not is_image_name(source):
        return "is not called like an image that can be read"
    if not _state(source)[0]:
        return "is empty"
    ours = embedded_kind(source)
    if ours:
        return f"is {ours}"
    part = None
    if not rule.special:
        part = exclusion(os.fsencode(source.name), neighbours(source.parent)) or other_files(source)
    return part or lost_beside(source) or ""


@dataclass(frozen=True)
class _Folder:
    """Names LR files in a folder as `lr_name` does."""

    path: Path

    def target(self, root: str, path: bytes, version: int, suffix: str) -> Path:
        return self.path / lr_name(os.fsdecode(path), suffix)


def _gated(
    source: Path,
    folder: Path,
    rule: Rule,
    pool: RescalerPool,
    keep: bool,
    written: set[Path],
    progress: Progress | None,
    cancel: Cancel | None,
) -> GatedFile:
    from irrm_core.archive.classes.small import judge_small, make_small, with_measurements
    from irrm_core.imagefile import refuse_existing
    from irrm_core.imagefile.atomic import take_name

    facts, before = _facts(source)
    small = make_small(
        source, facts, rule, _Folder(folder), pool,
        before_writing=written.add, progress=progress, cancel=cancel,
    )  # fmt: skip
    found = GatedFile(source, None, facts.size, small.size)
    reason = too_little(small.size, facts.size, rule.minimum_saving)
    if reason:
        return replace(found, reason=reason)
    refuse_existing(small.target, overwrite=False)
    verdict = judge_small(small, source, rule, progress=progress, cancel=cancel)
    found = replace(found, report=verdict.report, reason="; ".join(verdict.report.failures))
    if not found.passed:
        return found
    final = with_measurements(small, verdict.record, {}, written.add)
    if _state(source) != before:
        raise SourceChangedError(f"{source}: changed while it was read; try again when it is quiet")
    found = replace(found, lr_size=final.size)
    if not keep:
        return found
    with StoreWriteError.on(final.target):
        take_name(final.temporary, final.target)
    return replace(found, target=final.target)


def _facts(source: Path) -> tuple[SourceFacts, tuple[int, ...]]:
    """Return what the record tells of the original, and by what a change of it is noticed."""
    before = _state(source)
    try:
        sha256 = hash_of(source)
    except OSError as why:
        raise ImageFileError(f"{source}: cannot be read ({why.strerror or why})") from why
    facts = SourceFacts(
        root=source.parent.name,
        path=os.fsencode(source.name),
        version=1,
        size=before[0],
        mtime_ns=before[1],
        mode=stat.S_IMODE(before[2]),
        sha256=sha256,
    )
    return facts, before


def _state(source: Path) -> tuple[int, ...]:
    """Return size, time of change, mode and inode."""
    try:
        status = source.stat()
    except OSError as why:
        raise ImageFileError(f"{source}: cannot be read ({why.strerror or why})") from why
    return status.st_size, status.st_mtime_ns, status.st_mode, status.st_ino
