"""``irrm-watch init``: write a configuration to begin with."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from irrm_core.cli import console
from irrm_core.errors import UsageError


class Mode(StrEnum):
    """Values of ``--mode``."""

    COPY = "copy"
    REPLACE = "replace"


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(init)


def init(
    folder: Annotated[Path, typer.Option(metavar="DIR", help="Folder to watch.")],
    store: Annotated[Path, typer.Option(metavar="DIR", help="Folder of the store, or for it.")],
    output: Annotated[Path, typer.Option(metavar="FILE", help="The configuration to write.")],
    mode: Annotated[
        Mode,
        typer.Option(
            help="copy leaves originals alone; replace puts them into quarantine once they are "
            "stored and verified, and deletes them a month later."
        ),
    ] = Mode.COPY,
    delay: Annotated[
        float | None,
        typer.Option(
            min=0, metavar="SECONDS", help="How long a file must be unchanged; 10 if left out."
        ),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace FILE.")] = False,
) -> None:
    """Write a commented configuration that watches one folder.

    Nothing else is made: the store is at the first start, and so is the marker in the watched
    folder, by which an unmounted folder is told from an empty one.
    """
    from irrm_core.imagefile import atomic_output
    from irrm_watcher.config.reading import parse_config
    from irrm_watcher.config.template import template

    if not folder.is_dir():
        raise UsageError(f"{folder}: is no folder; name an existing one to watch")
    path = folder.resolve()
    values = {
        "store": _text(store.resolve()),
        "name": _name(path),
        "path": _text(path),
        "mode": mode.value,
    }
    if delay is not None:
        values["delay"] = f"{delay:g}s"
    text = template(**values)
    parse_config(text, output)
    with atomic_output(output, overwrite) as stream:
        stream.write(text.encode("utf-8"))
    console.write(f"{output} watches {folder} and stores in {store}; next:")
    console.write(f"irrm-watch once --config {output}    # archive what is there, and end")
    console.write(f"irrm-watch run --config {output}     # watch")


def _name(path: Path) -> str:
    """Return the folder's own name as one of the store."""
    return re.sub(r"[^\w .-]", "_", path.name).strip(" .-")[:100] or "folder"


def _text(path: Path) -> str:
    text = str(path)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as why:
        raise UsageError(
            f"{path}: has a name that is not UTF-8, which TOML cannot hold; watch a folder above it"
        ) from why
    return text
