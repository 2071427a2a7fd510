"""Everything that watches over the daemon, as its configuration asks for."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from irrm_core.errors import UsageError
from irrm_watcher.operations.heartbeat import Beating, heartbeat_path
from irrm_watcher.operations.hook import FailureHook
from irrm_watcher.operations.log import Log
from irrm_watcher.operations.several import Several
from irrm_watcher.operations.systemd import Systemd

if TYPE_CHECKING:
    from collections.abc import Iterator

    from irrm_watcher.config import Config
    from irrm_watcher.pipeline.observer import Observer


@contextmanager
def watching_over(
    config: Config, *, tell: Observer | None = None, once: bool = False
) -> Iterator[Observer]:
    """Give the observer of a daemon: log, heartbeat, systemd, metrics and the failure hook.

    What a reloaded configuration says of these holds from the next start.

    Parameters
    ----------
    config : Config
        Says which of them are wanted.
    tell : Observer, optional
        Instead of the log, as for a person at a terminal.
    once : bool
        The daemon works off what is there and ends; systemd and the port are left out.

    Raises
    ------
    UsageError
        The port for metrics is taken, or `on_failure` is no command.
    """
    daemon = config.daemon
    log = Log(daemon.log)

    def say(what: str) -> None:
        log.write("warning", "operations", reason=what)

    with ExitStack() as stack:
        beating = Beating(heartbeat_path(config.catalogue), once=once)
        observers: list[Observer] = [tell or log, beating]
        if not once:
            systemd = Systemd()
            observers.append(systemd)
            stack.callback(systemd.close)
        if daemon.metrics_file is not None:
            from irrm_watcher.operations.metrics import MetricsFile

            metrics = MetricsFile(daemon.metrics_file, config, say=say)
            observers.append(metrics)
            stack.callback(metrics.write)
        if daemon.metrics_port and not once:
            from irrm_watcher.operations.metrics import MetricsPort

            try:
                stack.callback(MetricsPort(daemon.metrics_port, config).close)
            except OSError as why:
                raise UsageError(
                    f"metrics_port = {daemon.metrics_port}: cannot be used "
                    f"({why.strerror or why}); choose another port, or 0 for none"
                ) from why
        if daemon.on_failure:
            hook = FailureHook(daemon.on_failure, str(config.store), say=say)
            observers.append(hook)
            stack.callback(hook.close)
        stack.callback(beating.close)
        yield Several(observers, say)
