"""``irrm-watch once``: archive what lies there now, and end."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from irrm_core.cli import console
from irrm_core.errors import Cancelled, ImageFileError

if TYPE_CHECKING:
    from irrm_core.archive.catalogue import Summary
    from irrm_watcher.config import Config
    from irrm_watcher.pipeline.remaining import Remaining


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(once)


def once(
    config: Annotated[Path, typer.Option(metavar="FILE", help="The configuration.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only list what would be looked into.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No progress bar and no lines about files.")
    ] = False,
) -> None:
    """Scan, wait until files are quiet, work until nothing is left, and end.

    The schedule is not asked. A file that is kept or fails, for the reason that `list` shows, is
    an answer, not a failure of the run: the exit code is 0 if everything has its answer. It is 1
    or above if the run could not do its work: another process is the writer, the store cannot
    be written, there is no room, a watched folder is not there, it was interrupted.
    """
    from irrm_watcher.config import load_config

    settings = load_config(config)
    if dry_run:
        _dry_run(settings, json)
        return
    from irrm_core.archive.catalogue import Catalogue
    from irrm_watcher.cli.stopping import stopping
    from irrm_watcher.cli.telling import Telling
    from irrm_watcher.daemon import Daemon
    from irrm_watcher.operations import watching_over

    with console.show_progress(quiet=quiet) as progress:
        telling = Telling(progress, quiet=quiet)
        with watching_over(settings, tell=telling, once=True) as observer:
            daemon = Daemon(settings, observer=observer)
            with stopping(daemon.stop):
                remaining = daemon.once()
        telling.end()
    with Catalogue.open(settings.catalogue) as catalogue:
        summary = catalogue.summary()
    if json:
        console.write_json(_document(telling.counts, remaining, summary))
    else:
        for sentence in _sentences(remaining):
            console.say(sentence)
        if not quiet:
            console.write(_in_words(telling.counts))
    if remaining.stopped:
        raise Cancelled("stopped before everything was done; run again to go on")
    if remaining.away:
        raise ImageFileError(
            f"{len(remaining.away)} of the watched folders are not there, see above; the others "
            "are done"
        )


def _dry_run(config: Config, json: bool) -> None:
    """List the files that would be looked into, without touching anything."""
    from irrm_core.archive.catalogue import Catalogue
    from irrm_watcher.scan import TO_TAKE, Found, Taking, compare, walk

    catalogue = Catalogue.open(config.catalogue) if config.catalogue.exists() else None
    files = []
    barred = frozenset({os.fsencode(os.path.realpath(config.store))})
    for folder in config.folders:
        taking = Taking(folder.include, folder.exclude, folder.hidden, barred)
        for found in walk(os.fsencode(os.path.realpath(folder.path)), taking):
            if isinstance(found, Found):
                entry = None if catalogue is None else catalogue.newest(folder.name, found.path)
                what = compare(found, entry)
                if what in TO_TAKE or (entry is not None and entry.state == "stable"):
                    files.append((folder.name, os.fsdecode(found.path), str(what)))
    if catalogue is not None:
        catalogue.close()
    if json:
        keys = ("root", "path", "what")
        console.write_json({"files": [dict(zip(keys, file, strict=True)) for file in files]})
    else:
        for root, path, kind in files:
            console.write(f"{kind}: {root}/{path!r}")


def _document(counts: dict[str, int], remaining: Remaining, summary: Summary) -> dict[str, Any]:
    return {
        "done": counts,
        "remaining": {
            "restless": remaining.restless,
            "unmoved": remaining.unmoved,
            "away": list(remaining.away),
            "stopped": remaining.stopped,
        },
        "states": {str(state): count for state, count in summary.states.items()},
        "original_bytes": summary.original_bytes,
        "stored_bytes": summary.stored_bytes,
    }


def _sentences(remaining: Remaining) -> list[str]:
    said = []
    if remaining.restless:
        said.append(
            f"{remaining.restless} files kept changing, or wait for the rest of their series; "
            "run again when they are at rest"
        )
    if remaining.unmoved:
        said.append(f"{remaining.unmoved} archived originals could not be moved into quarantine")
    return said


def _in_words(counts: dict[str, int]) -> str:
    told = [f"{count} {what}" for what, count in counts.items() if count]
    return ", ".join(told) if told else "nothing to do"
