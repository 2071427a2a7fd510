"""``irrm-watch mount``: the store as a read-only file system."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

from irrm_core.cli import console
from irrm_core.errors import UsageError


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(mount)


def mount(
    mountpoint: Annotated[
        Path,
        typer.Argument(
            metavar="MOUNTPOINT",
            help="An empty folder outside the store and all watched folders.",
        ),
    ],
    config: Annotated[Path, typer.Option(metavar="FILE", help="The configuration.")],
    foreground: Annotated[
        bool, typer.Option("--foreground", "-f", help="Stay in this terminal, or under systemd.")
    ] = False,
    cache: Annotated[
        str, typer.Option(metavar="SIZE", help="Most that restored files may take on the disk.")
    ] = "2 GB",
    cache_dir: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where they lie; by default in your cache folder."),
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Files restored at once; others wait.")] = 1,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N or mps.")] = "auto",
    threads: Annotated[
        int | None, typer.Option(min=1, help="Of the CPU for each job; by default shared out.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check everything, say what it would hold, stop.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Show what the store holds as MOUNTPOINT/<folder>/<path>, as it was, to read only.

    A file is restored when it is opened. Its size is known before: that of a file of class
    exact is the original's, that of class lr the most that its restoration can have, which it
    is filled up to. Unmount with `fusermount3 -u MOUNTPOINT` or SIGTERM.
    """
    from irrm_core.archive.store import Store
    from irrm_watcher.config import load_config, parse_size
    from irrm_watcher.mount import default_cache, mount_store
    from irrm_watcher.mount.following import entries_shown

    settings = load_config(config)
    try:
        limit = parse_size(cache)
    except ValueError as why:
        raise UsageError(f"--cache {cache}: is no size ({why}); write it like 2 GB") from why
    place = default_cache() if cache_dir is None else cache_dir.absolute()
    files = len(entries_shown(settings.catalogue))
    log = None if foreground else place / "mount.log"
    report = {"mountpoint": mountpoint.absolute(), "files": files, "cache": place, "log": log}
    if json:
        console.write_json({**report, "dry_run": dry_run})
    else:
        where = "" if log is None else f"; errors go to {log}"
        console.say(f"{mountpoint}: {files} files{where}")
    sys.stdout.flush()  # what goes to the background must not write it again
    if not dry_run:
        _log_to(log)
    mount_store(
        mountpoint,
        Store.open(settings.store),
        settings.catalogue,
        roots={folder.name: folder.path for folder in settings.folders},
        cache=place,
        cache_size=limit,
        jobs=jobs,
        foreground=foreground,
        device=device,
        threads=threads,
        dry_run=dry_run,
    )


def _log_to(file: Path | None) -> None:
    if file is not None:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handler = logging.StreamHandler() if file is None else logging.FileHandler(file, delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    for name in ("irrm_watcher", "irrm_core"):
        logging.getLogger(name).addHandler(handler)
