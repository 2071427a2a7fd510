"""``irrm-watch doctor``: whether a configuration can work on this machine."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from irrm_core.cli import console


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(doctor)


def doctor(
    config: Annotated[Path, typer.Option(metavar="FILE", help="The configuration.")],
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Look at the store, catalogue, folders, limits, models and codecs; say what to mend.

    Nothing is changed. Ends with exit code 16 if something stands in the way.
    """
    from irrm_core.errors import FindingsError
    from irrm_watcher.config import load_config
    from irrm_watcher.operations.examining import Level, examine

    found = list(examine(load_config(config)))
    if json:
        console.write_json([asdict(each) for each in found])
    else:
        for each in found:
            line = f"{each.level:<8} {each.what}: {each.message}"
            console.write("".join(c if c.isprintable() else "?" for c in line))
    problems = [each for each in found if each.level is Level.problem]
    if problems:
        raise FindingsError(f"{config}: {len(problems)} problems, see above")
