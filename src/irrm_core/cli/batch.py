"""One file or a folder of them: which files, to where, and what happens when one fails."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from irrm_core.cli.console import say
from irrm_core.errors import (
    Cancelled,
    ImageFileError,
    IrrmError,
    OutputExistsError,
    SomeFilesFailedError,
    UsageError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from irrm_core.progress import Cancel, Progress

ResultT = TypeVar("ResultT")


@dataclass(frozen=True)
class Job:
    """One file to work on.

    Attributes
    ----------
    source : Path
        The file.
    target : Path or None
        Its output, or the folder for it, which in a batch may have to be made; None for beside
        the source.
    """

    source: Path
    target: Path | None


class Skip(Exception):
    """Raised by work that leaves a file of a folder alone; its text says why."""


@dataclass
class Outcome(Generic[ResultT]):
    """What became of all files.

    Attributes
    ----------
    done : list
        Results in the order of the files.
    skipped, failed : list of dict
        JSON values: ``source`` with ``reason``, or with ``error`` and ``exit_code``.
    """

    done: list[ResultT] = field(default_factory=list)
    skipped: list[dict[str, Any]] = field(default_factory=list)
    failed: list[dict[str, Any]] = field(default_factory=list)


def plan(source: Path, target: Path | None, wanted: Callable[[Path], bool]) -> list[Job]:
    """List the files to work on, before any is written.

    Parameters
    ----------
    source : Path
        A file, or a folder that is searched with all its subfolders; hidden files and
        folders are left out, symbolic links to folders not followed.
    target : Path, optional
        For a file: the output, or an existing folder for it. For a folder: the folder in
        which the tree is built anew; by default outputs go beside their sources.
    wanted : callable
        Whether a file found in a folder is one to work on.

    Raises
    ------
    ImageFileError
        `source` is not there.
    UsageError
        `source` is a folder and `target` is a file, or the folder holds nothing to work on.
    """
    if not source.is_dir():
        if not source.exists():
            raise ImageFileError(f"{source}: no such file or folder; check the path")
        return [Job(source, target)]
    if target is not None and target.exists() and not target.is_dir():
        raise UsageError(f"{target}: is a file, and the output of a folder is a folder; name one")
    found = [path for path in _walk(source, outside=target) if wanted(path)]
    if not found:
        raise UsageError(f"{source}: holds no file to work on; check the path")
    if target is None:
        return [Job(path, path.parent) for path in found]
    return [Job(path, target / path.relative_to(source).parent) for path in found]


def run(
    jobs: list[Job],
    work: Callable[[Job], ResultT],
    *,
    folder: bool,
    fatal: tuple[type[IrrmError], ...] = (),
    progress: Progress,
    cancel: Cancel,
) -> Outcome[ResultT]:
    """Work on all files; in a folder, one that fails does not stop the others.

    In a folder, files whose output is there already are skipped: running again does what is
    missing. Raised as they are: a single file's error, `fatal` ones, and `Cancelled`.
    """
    if not folder:
        return Outcome([work(job) for job in jobs])
    outcome: Outcome[ResultT] = Outcome()
    progress.begin("files", len(jobs))
    try:
        for job in jobs:
            cancel.check()
            _run_one(job, work, outcome, (*fatal, Cancelled))
            progress.advance()
    finally:
        progress.end()
    return outcome


def _run_one(
    job: Job,
    work: Callable[[Job], ResultT],
    outcome: Outcome[ResultT],
    fatal: tuple[type[IrrmError], ...],
) -> None:
    source = str(job.source)
    try:
        if job.target is not None:
            _make_folder(job.target)
        outcome.done.append(work(job))
    except (Skip, OutputExistsError) as reason:
        say(f"skipped: {reason}")
        outcome.skipped.append({"source": source, "reason": str(reason)})
    except fatal:
        raise
    except (IrrmError, OSError) as error:
        say(error)
        code = getattr(error, "exit_code", IrrmError.exit_code)
        outcome.failed.append({"source": source, "error": str(error), "exit_code": code})


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as why:
        raise ImageFileError(
            f"{folder}: the output folder cannot be made ({why.strerror or why}); choose another"
        ) from why


def document(
    outcome: Outcome[ResultT], describe: Callable[[ResultT], dict[str, Any]]
) -> dict[str, Any]:
    """Return the JSON document of a run: files, skipped, failed."""
    return {
        "files": [describe(result) for result in outcome.done],
        "skipped": outcome.skipped,
        "failed": outcome.failed,
    }


def check(outcome: Outcome[Any]) -> None:
    """Raise `SomeFilesFailedError` if some files failed."""
    if outcome.failed:
        done, failed = len(outcome.done), len(outcome.failed)
        raise SomeFilesFailedError(f"{failed} of {done + failed} files failed, see above")


def _walk(folder: Path, *, outside: Path | None) -> Iterable[Path]:
    """Give all files below `folder` in a stable order, but not those below `outside`."""
    excluded = outside.resolve() if outside is not None else None
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and (Path(here) / name).resolve() != excluded
        )
        yield from (Path(here) / name for name in sorted(files) if not name.startswith("."))
