"""``irrm-watch config``: look at a configuration before it is used."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from irrm_core.cli import console


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    verbs = typer.Typer(help="Look at a configuration.", no_args_is_help=True)
    verbs.command("check")(check)
    verbs.command("reference")(reference)
    app.add_typer(verbs, name="config")


def check(
    config: Annotated[Path, typer.Option(metavar="FILE", help="The configuration.")],
    json: Annotated[bool, typer.Option("--json", help="Print it as it was understood.")] = False,
) -> None:
    """Tell whether a configuration is right, and what it means."""
    from irrm_watcher.config import load_config

    settings = load_config(config)
    if json:
        console.write_json(settings.model_dump(by_alias=True))
        return
    console.write(f"{config}: is right")
    console.write(f"store {settings.store}, catalogue {settings.catalogue}")
    for folder in settings.folders:
        there = "" if folder.path.is_dir() else ", which is not there now"
        rules = f", {len(folder.rule)} rules" if folder.rule else ""
        console.write(f"{folder.name}: {folder.mode} of {folder.path}{there}{rules}")


def reference() -> None:
    """Print what every key means, as Markdown."""
    from irrm_watcher.config.reference import reference as tables

    console.write(tables())
