"""``irrm-watch list``: what is known of which files."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from irrm_core.archive.catalogue.states import State, StorageClass
from irrm_core.cli import console

if TYPE_CHECKING:
    from collections.abc import Mapping

    from irrm_core.archive.catalogue import Entry


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("list")(list_)


def list_(
    config: Annotated[Path, typer.Option(metavar="FILE", help="The configuration.")],
    patterns: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATTERN]...",
            help="Files, folders, or patterns of relative paths: '*.tif' in any folder, "
            "'2024/**/raw-*'. Nothing needs to be there any more.",
        ),
    ] = None,
    state: Annotated[
        list[State] | None, typer.Option(help="In this state; may be given more than once.")
    ] = None,
    storage: Annotated[
        list[StorageClass] | None,
        typer.Option("--class", help="Of this class; may be given more than once."),
    ] = None,
    versions: Annotated[
        bool, typer.Option("--versions", help="Older contents of the same files, too.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """List the files of the watched folders: state, class, sizes, and why.

    A line is: state, class, bytes of the original and of the archive file, when it was
    archived, the path, and the reason where there is one: of archived files, why they did not
    get another class.
    """
    from irrm_core.archive.catalogue import Catalogue, Selection, places
    from irrm_watcher.catalogue.exporting import as_fields
    from irrm_watcher.config import load_config

    settings = load_config(config)
    roots = {folder.name: Path(folder.path) for folder in settings.folders}
    words = tuple(patterns or ())
    selection = Selection(
        paths=places(words, roots),
        globs=words,
        all=not words,
        states=frozenset(state or ()),
        classes=frozenset(storage or ()),
        versions=versions,
    )
    with Catalogue.open(settings.catalogue) as catalogue:
        entries = catalogue.select(selection)
    if json:
        console.write_json(
            [as_fields(entry) | {"original": original(entry, roots)} for entry in entries]
        )
        return
    for entry in entries:
        console.write(_line(entry, roots))
    if not entries:
        console.say("no file matches")


def original(entry: Entry, roots: Mapping[str, Path]) -> str:
    """Return where an original stands or stood; of a folder watched no more, below its name."""
    root = roots.get(entry.root, Path(entry.root))
    return str(root / os.fsdecode(entry.path))


def _line(entry: Entry, roots: Mapping[str, Path]) -> str:
    stored = "-" if entry.stored_size is None else console.size_in_words(entry.stored_size)
    at = "-"
    if entry.archived_at is not None:
        at = time.strftime("%Y-%m-%d %H:%M", time.localtime(entry.archived_at))
    path = console.printable(original(entry, roots))
    version = f" (version {entry.version})" if entry.version > 1 else ""
    # Of those moved away by us the state says so.
    gone = " (original gone)" if entry.state == "committed" and not entry.present else ""
    reason = f": {console.printable(entry.reason)}" if entry.reason else ""
    size = console.size_in_words(entry.size)
    return (
        f"{entry.state:<11} {entry.storage or '-':<5} {size:>7} {stored:>7} {at:<16}  "
        f"{path}{version}{gone}{reason}"
    )
