"""The application: its verbs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from irrm_core.cli.running import command, run_command
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

app = command(
    "irrm-watch", "Turn incoming folders into LR storage, and bring any file back on demand."
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


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; see `irrm_core.cli.running.run_command`."""
    return run_command(app, "irrm-watch", arguments)
