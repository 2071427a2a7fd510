"""The application: its verbs."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
from irrm_core.cli.running import command, run_command

if TYPE_CHECKING:
    from collections.abc import Sequence

app = command("irrm", "Make images small, and bring them back, with invertible networks.")
for verb in (downscale, restore, info, assess, evaluate, models, bench, train, doctor):
    verb.register(app)


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
