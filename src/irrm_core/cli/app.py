"""The application: verbs, exit codes and the one place where errors become lines."""

from __future__ import annotations

import sys

import typer

from irrm_core.cli import bench, doctor, downscale, evaluate, info, models, restore, train
from irrm_core.errors import Cancelled, IrrmError

app = typer.Typer(
    name="irrm",
    help="Make images small, and bring them back, with invertible networks.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for verb in (downscale, restore, info, evaluate, models, bench, train, doctor):
    verb.register(app)

_debug = False


@app.callback()
def _root(
    debug: bool = typer.Option(False, "--debug", help="Show the traceback of an error."),
) -> None:
    global _debug  # noqa: PLW0603
    _debug = debug


def main() -> None:
    """Run the command; an error is one line on stderr and a documented exit code."""
    try:
        app()
    except Cancelled as error:
        if _debug:
            raise
        _end(error, error.exit_code)
    except IrrmError as error:
        if _debug:
            raise
        _end(error, error.exit_code)
    except KeyboardInterrupt:
        _end("cancelled", Cancelled.exit_code)
    except OSError as error:
        if _debug:
            raise
        _end(error, IrrmError.exit_code)


def _end(error: object, code: int) -> None:
    print(f"irrm: {' '.join(str(error).split())}", file=sys.stderr)  # noqa: T201
    raise SystemExit(code)
