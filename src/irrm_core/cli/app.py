"""The application: its verbs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from irrm_core import __version__
from irrm_core.cli import (
    assess,
    bench,
    doctor,
    downscale,
    evaluate,
    info,
    models,
    restore,
    train,
)
from irrm_core.cli.console import write
from irrm_core.cli.running import run_command

if TYPE_CHECKING:
    from collections.abc import Sequence

app = typer.Typer(
    name="irrm",
    help="Make images small, and bring them back, with invertible networks.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    # Plain text: a usage error stays a few greppable lines, and rich is not imported for help.
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for verb in (downscale, restore, info, assess, evaluate, models, bench, train, doctor):
    verb.register(app)


def _show_version(wanted: bool) -> None:
    if wanted:
        write(f"irrm {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(
        False, "--version", is_eager=True, callback=_show_version, help="Show the version."
    ),
    debug: bool = typer.Option(
        False, "--debug", help="Show the traceback of an error; accepted after a verb too."
    ),
) -> None:
    """Make images small, and bring them back, with invertible networks."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; an error is one line on stderr and a documented exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        Without the program's name; by default those of the process.

    Returns
    -------
    int
        The exit code; ``docs/exit-codes.md`` lists them.
    """
    return run_command(app, "irrm", arguments)
