"""``irrm-watch run``: the daemon."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(run)


def run(
    config: Annotated[Path, typer.Option(metavar="FILE", help="The configuration.")],
) -> None:
    """Watch the folders and archive what comes to rest in them, until told to end.

    SIGTERM or Ctrl-C: the files under way are finished or rolled back, and it ends with exit
    code 0. SIGHUP: the configuration is read again; one that is wrong is reported, and the one
    in force stays.
    """
    from irrm_watcher.cli.stopping import stopping
    from irrm_watcher.config import load_config
    from irrm_watcher.daemon import Daemon
    from irrm_watcher.operations import watching_over

    settings = load_config(config)
    with watching_over(settings) as observer:
        daemon = Daemon(settings, observer=observer, reload=lambda: load_config(config))
        if hasattr(signal, "SIGHUP"):
            signal.signal(signal.SIGHUP, lambda _number, _frame: daemon.ask_reload())
        with stopping(daemon.stop):
            daemon.run()
