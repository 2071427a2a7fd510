"""``irrm-watch restore``: files out of the store, to where they were or elsewhere."""

from __future__ import annotations

import os
from contextlib import closing
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from irrm_core.archive.recall.planned import Overwrite
from irrm_core.cli import console
from irrm_core.errors import IrrmError, SomeFilesFailedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from irrm_core.archive.catalogue import Catalogue, Entry
    from irrm_core.archive.recall import Failed, Planned, Restored
    from irrm_core.archive.store import Store


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(restore)


def restore(
    config: Annotated[Path, typer.Option(metavar="FILE", help="The configuration.")],
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATH]...",
            help="Files or folders: absolute, relative to the current folder, or relative to a "
            "watched folder. Nothing needs to be there any more.",
        ),
    ] = None,
    glob: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATTERN",
            help="Files whose relative path matches: '*.tif' in any folder, '2024/**/raw-*'. May "
            "be given more than once.",
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="Archived at or after: 2026-11-21, or 2026-11-21T14:30."),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="Archived before that time, or on that day or before."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that is in the store.")] = False,
    to: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Build the tree in this folder, which lies outside the store and all watched "
            "folders; by default files go where they were.",
        ),
    ] = None,
    overwrite: Annotated[
        Overwrite,
        typer.Option(
            help="What becomes of files that stand there: never replaces none; if-changed those "
            "that are neither the archived original nor what would be restored; always all but "
            "the archived original.",
        ),
    ] = Overwrite.never,
    version: Annotated[
        int | None,
        typer.Option(min=1, help="This version of files that changed; by default the newest."),
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Files restored at once.")] = 1,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N or mps.")] = "auto",
    threads: Annotated[
        int | None, typer.Option(min=1, help="Of the CPU for each job; by default shared out.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what matches and what would be done.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No progress bar and no table.")
    ] = False,
) -> None:
    """Bring files back from the store: by path, pattern, date, or all of them.

    Nothing but the store is needed, and the daemon may run or not. Each file is checked against
    the catalogue before and after it is decoded; one that is damaged is refused. Running the
    same command again does what is missing.
    """
    with console.interruptible() as cancel, console.show_progress(quiet=quiet) as progress:
        from irrm_core.archive.catalogue import Catalogue
        from irrm_core.archive.recall import Failed, plan_restore, refuse_inside, restore_all
        from irrm_core.archive.store import Store
        from irrm_watcher.config import load_config

        settings = load_config(config)
        roots = {folder.name: folder.path for folder in settings.folders}
        times = _time(since, "--since"), _time(until, "--until", end=True)
        if to is not None:
            refuse_inside(to, roots=roots, store=settings.store, what="the output folder")
        store = Store.open(settings.store)
        with closing(Catalogue.open(settings.catalogue)) as catalogue:
            entries = _select(catalogue, roots, paths or [], glob or [], times, everything, version)
        if not quiet:
            _tell_of_quarantine(entries)
        plan = plan_restore(entries, roots=roots, to=to, overwrite=overwrite)
        if dry_run:
            _tell_plan(plan, store, json=json)
            return
        results: list[Restored | Failed] = []
        for result in restore_all(
            plan, store, jobs=jobs, progress=progress, cancel=cancel, device=device, threads=threads
        ):
            results.append(result)
            if isinstance(result, Failed) and len(plan) > 1:
                console.say(result.error)
    _tell(results, json=json, quiet=quiet)


def _select(
    catalogue: Catalogue,
    roots: Mapping[str, Path],
    paths: Sequence[str],
    globs: Sequence[str],
    times: tuple[float | None, float | None],
    everything: bool,
    version: int | None,
) -> list[Entry]:
    from irrm_core.archive.catalogue import ARCHIVED, Selection
    from irrm_core.archive.recall import places_asked

    named = bool(paths or globs)
    if everything and named:
        raise UsageError("--all names every file; leave it out, or the paths and patterns")
    selection = Selection(
        paths=places_asked(paths, catalogue, roots),
        globs=tuple(globs),
        since=times[0],
        until=times[1],
        all=everything,
        states=ARCHIVED,
        versions=version is not None,
    )
    if selection.empty:
        raise UsageError("say what to restore: a PATH, --glob, --since or --until, or --all")
    entries = catalogue.select(selection)
    if version is not None:
        entries = [entry for entry in entries if entry.version == version]
    if not entries:
        raise UsageError(
            "nothing in the store matches; `irrm-watch list` shows what there is, and of which "
            "version and date"
        )
    return entries


def _tell_of_quarantine(entries: Sequence[Entry]) -> None:
    """Say that the very originals can still be had, before somebody takes less for them."""
    count = sum(entry.state == "quarantined" for entry in entries)
    if count:
        console.say(
            f"the originals of {count} of these files are in quarantine still; `irrm-watch "
            "quarantine restore` moves them back as they were"
        )


def _time(text: str | None, option: str, *, end: bool = False) -> float | None:
    """Return seconds since 1970; a day alone begins at midnight here, or ends at the next."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as why:
        raise UsageError(
            f"{option} {text}: is no date; write it like 2026-11-21 or 2026-11-21T14:30"
        ) from why
    if end and moment.time() == time() and len(text) <= len("2026-11-21"):
        moment += timedelta(days=1)
    return moment.timestamp()


def _tell_plan(plan: Sequence[Planned], store: Store, *, json: bool) -> None:
    from irrm_core.archive.recall import Journal, look

    journal = Journal(store.path)
    seen = [(planned, look(planned, journal)) for planned in plan]
    if json:
        console.write_json(
            {
                "dry_run": True,
                "files": [
                    {
                        **_described(planned),
                        "outcome": "restore" if found is None else found.outcome.value,
                        "reason": "" if found is None else found.reason,
                    }
                    for planned, found in seen
                ],
            }
        )
        return
    console.write_table(
        ("file", "class", "size", "to", "would be"),
        [
            (
                _name(planned.entry),
                str(planned.entry.storage),
                console.size_in_words(planned.entry.size),
                os.fspath(planned.target),
                "restored" if found is None else _in_words(found),
            )
            for planned, found in seen
        ],
    )


def _tell(results: Sequence[Restored | Failed], *, json: bool, quiet: bool) -> None:
    from irrm_core.archive.recall import Failed, Restored

    done = [result for result in results if isinstance(result, Restored)]
    failed = [result for result in results if isinstance(result, Failed)]
    if json:
        console.write_json(
            {
                "files": [_document(result) for result in done],
                "failed": [
                    {
                        **_described(result.planned),
                        "error": str(result.error),
                        "exit_code": getattr(result.error, "exit_code", IrrmError.exit_code),
                    }
                    for result in failed
                ],
            }
        )
    elif not quiet and done:
        console.write_table(
            ("file", "class", "size", "to", "outcome"),
            [
                (
                    _name(result.planned.entry),
                    str(result.planned.entry.storage),
                    console.size_in_words(result.size),
                    os.fspath(result.target),
                    _in_words(result),
                )
                for result in done
            ],
        )
    if failed:
        if len(results) == 1:
            raise failed[0].error
        raise SomeFilesFailedError(f"{len(failed)} of {len(results)} files failed, see above")


def _described(planned: Planned) -> dict[str, Any]:
    entry = planned.entry
    return {
        "root": entry.root,
        "path": os.fsdecode(entry.path),
        "version": entry.version,
        "storage": entry.storage,
        "target": os.fspath(planned.target),
    }


def _document(result: Restored) -> dict[str, Any]:
    return {
        **_described(result.planned),
        "outcome": result.outcome.value,
        "bytes": result.size,
        "sha256": result.sha256,
        "exact": result.sha256 is not None and result.sha256 == result.planned.entry.sha256,
        "psnr": result.planned.entry.measured.get("psnr"),
        "reason": result.reason,
    }


def _in_words(result: Restored) -> str:
    words = {"there": "there already"}.get(result.outcome, str(result.outcome))
    return f"{words}: {result.reason}" if result.reason else words


def _name(entry: Entry) -> str:
    name = f"{entry.root}/{os.fsdecode(entry.path)}"
    return name if entry.version == 1 else f"{name} (version {entry.version})"
