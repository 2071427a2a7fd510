"""The ``irrm`` command: one file a verb, nothing heavy imported before a verb runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; see `irrm_core.cli.running.run_command`."""
    # Not above: whoever imports one module of this package would get every verb with it.
    from irrm_core.cli.app import main as run

    return run(arguments)
