"""``irrm-watch quarantine``: originals that wait to be deleted."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from irrm_core.cli import console
from irrm_core.errors import IrrmError, SomeFilesFailedError, UsageError

if TYPE_CHECKING:
    from irrm_core.archive.catalogue import Catalogue, Entry
    from irrm_core.archive.store import Store
    from irrm_watcher.catalogue import CatalogueWriter
    from irrm_watcher.config import Config, FolderConfig
    from irrm_watcher.pipeline.quarantine import Quarantine

_Config = Annotated[Path, typer.Option(metavar="FILE", help="The configuration.")]
_Paths = Annotated[
    list[str] | None,
    typer.Argument(metavar="[PATH]...", help="Where the files were: files or folders."),
]
_Glob = Annotated[
    list[str] | None,
    typer.Option(metavar="PATTERN", help="Files whose relative path matches: '*.tif'."),
]
_All = Annotated[bool, typer.Option("--all", help="All that is in quarantine.")]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]

verbs = typer.Typer(no_args_is_help=True, help="Originals that wait to be deleted.")


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.add_typer(verbs, name="quarantine")


@verbs.command("list")
def list_(
    config: _Config,
    paths: _Paths = None,
    glob: _Glob = None,
    json: _Json = False,
) -> None:
    """List the originals in quarantine, and until when they stay at least.

    The time that the machine was switched off does not count towards the retention, beyond a
    day each time.
    """
    from irrm_core.archive.catalogue import Catalogue
    from irrm_watcher.config import load_config

    settings = load_config(config)
    with Catalogue.open(settings.catalogue) as catalogue:
        entries = _selected(settings, catalogue, paths, glob, everything=not (paths or glob))
    if json:
        console.write_json({"files": [_document(settings, entry) for entry in entries]})
    else:
        columns = ("file", "size", "since", "until", "lies at")
        console.write_table(columns, [_row(settings, entry) for entry in entries])


@verbs.command()
def restore(
    config: _Config,
    paths: _Paths = None,
    glob: _Glob = None,
    everything: _All = False,
    dry_run: _DryRun = False,
    json: _Json = False,
) -> None:
    """Move originals back to where they were, where they stay.

    The daemon must not run. Their archive files stay in the store. A file that stands there
    meanwhile is never replaced.
    """

    def give_back(quarantine: Quarantine, entry: Entry, store: Store) -> None:
        quarantine.give_back(entry)

    _change(config, (paths, glob, everything), "moved back", give_back, dry_run, json)


@verbs.command()
def purge(
    config: _Config,
    paths: _Paths = None,
    glob: _Glob = None,
    everything: _All = False,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N or mps.")] = "auto",
    dry_run: _DryRun = False,
    json: _Json = False,
) -> None:
    """Delete originals now, before their retention is over.

    The daemon must not run. Each original is compared with its hash, and its archive file is
    restored once more and compared with it; where that fails, the original stays.
    """

    def delete(quarantine: Quarantine, entry: Entry, store: Store) -> None:
        from irrm_core.progress import Cancel, NoProgress
        from irrm_watcher.pipeline.checking import rechecked
        from irrm_watcher.pipeline.jobs import Recheck

        place = quarantine.place(entry)
        assert place is not None
        options = {"device": device}
        found = rechecked(Recheck(place, entry), store, options, Cancel(), NoProgress())
        quarantine.purge(entry, found.look)

    _change(config, (paths, glob, everything), "purged", delete, dry_run, json)


def _change(
    config: Path,
    asked: tuple[list[str] | None, list[str] | None, bool],
    outcome: str,
    act: Callable[[Quarantine, Entry, Store], None],
    dry_run: bool,
    json: bool,
) -> None:
    """Do something with each original that is meant; one that fails stops no other."""
    from irrm_core.archive.catalogue import Catalogue
    from irrm_watcher.config import load_config

    settings = load_config(config)
    paths, globs, everything = asked
    if not (paths or globs or everything):
        raise UsageError("say which originals: a PATH, --glob, or --all")
    done: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    if dry_run:
        with Catalogue.open(settings.catalogue) as catalogue:
            entries = _selected(settings, catalogue, paths, globs, everything=everything)
            done = [_document(settings, entry) for entry in entries]
    else:
        with _writing(settings) as (writer, store):
            for entry in _selected(settings, writer, paths, globs, everything=everything):
                document = _document(settings, entry)
                try:
                    act(_quarantine_of(settings, writer, store, entry), entry, store)
                    done.append(document)
                except (IrrmError, OSError) as error:
                    console.say(error)
                    failed.append({**document, "error": str(error)})
    if json:
        console.write_json({"dry_run": dry_run, "files": done, "failed": failed})
    else:
        for document in done:
            would = "would be " if dry_run else ""
            console.write(f"{would}{outcome}: {document['original']!r}")
    if failed:
        raise SomeFilesFailedError(
            f"{len(failed)} of {len(done) + len(failed)} files failed, see above"
        )


@contextmanager
def _writing(config: Config) -> Iterator[tuple[CatalogueWriter, Store]]:
    from irrm_core.archive.store import Store
    from irrm_watcher.catalogue import CatalogueWriter

    store = Store.open(config.store)
    with CatalogueWriter.open(config.catalogue, store=store.path) as writer:
        yield writer, store


def _quarantine_of(
    config: Config, writer: CatalogueWriter, store: Store, entry: Entry
) -> Quarantine:
    from irrm_watcher.pipeline.quarantine import Quarantine
    from irrm_watcher.scan import RootMarkers

    folder = _folder_of(config, entry)
    state = RootMarkers(store.path).state(folder.name, folder.path, established=True)
    if not state.present:
        raise UsageError(state.reason)
    return Quarantine(folder.path, writer, lambda _path: False)


def _selected(
    config: Config,
    catalogue: Catalogue,
    paths: list[str] | None,
    globs: list[str] | None,
    *,
    everything: bool,
) -> list[Entry]:
    from irrm_core.archive.catalogue import Selection, State, places

    roots = {folder.name: folder.path for folder in config.folders}
    selection = Selection(
        paths=places(paths or [], roots),
        globs=tuple(globs or []),
        all=everything,
        states=frozenset({State.quarantined}),
        versions=True,
    )
    entries = [entry for entry in catalogue.select(selection) if entry.root in roots]
    if not entries and not everything:
        raise UsageError("nothing in quarantine matches; `irrm-watch quarantine list` shows all")
    return entries


def _folder_of(config: Config, entry: Entry) -> FolderConfig:
    return next(folder for folder in config.folders if folder.name == entry.root)


def _document(config: Config, entry: Entry) -> dict[str, Any]:
    folder = _folder_of(config, entry)
    since = entry.quarantined_at or 0.0
    return {
        "root": entry.root,
        "path": os.fsdecode(entry.path),
        "version": entry.version,
        "original": os.fspath(folder.path / os.fsdecode(entry.path)),
        "quarantine": os.fspath(folder.path / os.fsdecode(entry.quarantine_path or b"")),
        "size": entry.size,
        "since": since,
        "until": since + folder.quarantine,
        "reason": entry.reason if entry.retry_at is not None else "",
    }


def _row(config: Config, entry: Entry) -> tuple[str, ...]:
    document = _document(config, entry)
    since, until = (
        datetime.fromtimestamp(document[key]).isoformat(" ", "minutes")
        for key in ("since", "until")
    )
    name = f"{entry.root}/{document['path']}"
    return name, console.size_in_words(entry.size), since, until, document["quarantine"]
