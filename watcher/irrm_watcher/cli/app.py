"""The application: its verbs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from irrm_core import __version__
from irrm_core.cli.console import write
from irrm_core.cli.running import run_command
from irrm_watcher.cli import (
    assess,
    catalog,
    check,
    config,
    doctor,
    init,
    list,
    mount,
    once,
    quarantine,
    restore,
    run,
    status,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

app = typer.Typer(
    name="irrm-watch",
    help="Turn incoming folders into LR storage, and bring any file back on demand.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for verb in (
    init,
    assess,
    once,
    run,
    status,
    restore,
    list,
    check,
    quarantine,
    mount,
    catalog,
    doctor,
    config,
):
    verb.register(app)


def _show_version(wanted: bool) -> None:
    if wanted:
        write(f"irrm-watch {__version__}")
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
    """Turn incoming folders into LR storage, and bring any file back on demand."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; see `irrm_core.cli.running.run_command`."""
    return run_command(app, "irrm-watch", arguments)
