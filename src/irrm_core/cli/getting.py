"""``irrm models fetch``, ``add``, ``remove`` and ``index``: models come and go."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from irrm_core.cli import console
from irrm_core.errors import Cancelled, IrrmError, SomeFilesFailedError, UsageError

if TYPE_CHECKING:
    from irrm_core.zoo.index import Available

From = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="FOLDER|URL",
        envvar="IRRM_MODEL_SOURCE",
        help="A folder of models, such as that of a clone, or the address of one.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the verbs to ``irrm models``."""
    for verb in (fetch, add, remove, index):
        app.command()(verb)


def fetch(
    model: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[MODEL]...", help="Id, name (its newest version) or weights hash; several."
        ),
    ] = None,
    source: From = None,
    every: Annotated[
        bool, typer.Option("--all", help="Fetch whatever the source has and is not here.")
    ] = False,
    weights: Annotated[
        str | None, typer.Option("--hash", help="Weights hash that the model must have.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar.")] = False,
) -> None:
    """Copy models into the user's folder, verified by their hashes."""
    if every == bool(model):
        raise UsageError("which models? name them, or say --all; `irrm models list --from` shows")
    if weights and len(model or ()) != 1:
        raise UsageError("--hash is for one model; fetch that one by itself")
    with console.interruptible() as cancel, console.show_progress(quiet=quiet) as progress:
        from irrm_core.zoo import fetch_model, user_folder

        wanted: list[tuple[str, str | None]] = [(reference, weights) for reference in model or ()]
        if every:
            wanted = [(m.id, m.weights_hash) for m in available(source) if not here(m)]
        failed = 0
        for reference, expected in wanted:
            try:
                card = fetch_model(
                    reference, source, expected_hash=expected, progress=progress, cancel=cancel
                )
            except Cancelled:
                raise
            except IrrmError as error:
                if len(wanted) == 1:
                    raise
                console.say(error)
                failed += 1
            else:
                console.write(f"{card.id} is in {user_folder() / card.id}")
    if not wanted:
        console.say("everything that the source has is here")
    if failed:
        raise SomeFilesFailedError(f"{failed} of {len(wanted)} models failed, see above")


def add(
    folder: Annotated[
        Path,
        typer.Argument(help="A model's folder, a folder of such folders, or a finished run."),
    ],
) -> None:
    """Copy models that lie here into the user's folder, so that they are found by name."""
    from irrm_core.zoo import add_models, user_folder

    for card in add_models(folder):
        console.write(f"{card.id} is in {user_folder() / card.id}")


def remove(
    model: Annotated[str, typer.Argument(metavar="ID", help="Name and version.")],
) -> None:
    """Remove a model from the user's folder; what it made small cannot be restored without it."""
    from irrm_core.zoo import remove_model

    console.write(f"{model} is no longer in {remove_model(model).parent}")


def index(
    folder: Annotated[Path, typer.Argument(help="Folder of models.")],
) -> None:
    """Write the index by which a web server that serves the folder is asked what it has."""
    from irrm_core.imagefile import atomic_output
    from irrm_core.zoo.index import INDEX, index_of

    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder of models; check the path")
    with atomic_output(folder / INDEX, overwrite=True) as stream:
        stream.write(index_of(folder).encode())
    console.write(f"{folder / INDEX} is written")


def available(source: str | None) -> list[Available]:
    """Return what a source has."""
    from irrm_core.zoo.source import open_source

    return open_source(source).available()


def here(model: Available) -> bool:
    """Whether the weights are on this machine, undamaged."""
    from irrm_core.errors import ModelFileError, ModelNotFoundError
    from irrm_core.zoo import find_model
    from irrm_core.zoo.model import load_network

    try:
        load_network(find_model(model.weights_hash))
    except (ModelFileError, ModelNotFoundError):
        return False
    return True
