"""How a command of ours runs: errors become one line and an exit code, in one place."""

from __future__ import annotations

import io
import logging
import os
import sys
import traceback
import warnings
from typing import TYPE_CHECKING

import typer

from irrm_core import __version__
from irrm_core.cli import console
from irrm_core.cli.console import say, write
from irrm_core.errors import Cancelled, IrrmError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

INTERNAL_ERROR = 70
"""Exit code of a mistake of ours, after ``EX_SOFTWARE`` of sysexits.h."""


def command(name: str, help: str) -> typer.Typer:
    """Return a command without verbs yet, whose common options are in place.

    Parameters
    ----------
    name : str
        Of the program.
    help : str
        What it is for, in a sentence.
    """
    app = typer.Typer(
        name=name,
        help=help,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        # Plain text: a usage error stays a few greppable lines, and rich is not imported for help.
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    def show_version(wanted: bool) -> None:
        if wanted:
            write(f"{name} {__version__}")
            raise typer.Exit

    @app.callback(help=help)
    def _root(
        version: bool = typer.Option(
            False, "--version", is_eager=True, callback=show_version, help="Show the version."
        ),
        debug: bool = typer.Option(
            False, "--debug", help="Show the traceback of an error; accepted after a verb too."
        ),
    ) -> None:
        pass

    return app


def run_command(app: typer.Typer, name: str, arguments: Sequence[str] | None = None) -> int:
    """Run a command; an error is one line on stderr and a documented exit code.

    Parameters
    ----------
    app : Typer
        With all verbs.
    name : str
        Of the program, as it stands before each line about the run.
    arguments : sequence of str, optional
        Without the program's name; by default those of the process.

    Returns
    -------
    int
        The exit code; ``docs/exit-codes.md`` lists them.
    """
    console.program = name
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in words
    words = [word for word in words if word != "--debug"]
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A file name need not be valid text; printing it must not fail.
        sys.stdout.reconfigure(errors="backslashreplace")
    with warnings.catch_warnings():
        if not debug:
            warnings.simplefilter("ignore")
            logging.getLogger().addHandler(logging.NullHandler())
        try:
            return _run(app, name, words)
        except (KeyboardInterrupt, Exception) as error:
            if debug:
                traceback.print_exc()
            return _explain(error)


def _run(app: typer.Typer, name: str, words: list[str]) -> int:
    if "" in words:
        # A script's variable without a value; as a path it would be the folder one is in.
        raise UsageError("an argument is empty; give its value or leave it out")
    try:
        app(words, prog_name=name)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    else:
        code = 0
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output left, as `head` does; the flush at exit must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return IrrmError.exit_code
    return code


def _explain(error: BaseException) -> int:
    """Say what happened in one line; return the exit code."""
    if isinstance(error, KeyboardInterrupt):
        say("cancelled")
        return Cancelled.exit_code
    if isinstance(error, IrrmError):
        say(error)
        return error.exit_code
    if isinstance(error, OSError):
        say(error)
        return IrrmError.exit_code
    if isinstance(error, MemoryError):
        say("out of memory; try a smaller --tile, or a machine with more")
        return IrrmError.exit_code
    say(f"internal error, {type(error).__name__}: {error}; run again with --debug to see where")
    return INTERNAL_ERROR
