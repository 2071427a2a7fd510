"""Metrics for Prometheus: as a text file for node_exporter, or at a port of this machine."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, start_http_server, write_to_textfile
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from irrm_core.errors import IrrmError
from irrm_watcher.operations.status import read_status
from irrm_watcher.pipeline.observer import Observer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from irrm_watcher.config import Config
    from irrm_watcher.operations.status import Status

EVERY = 15.0
"""Seconds between two writings of the text file."""


def families(status: Status) -> Iterator[GaugeMetricFamily]:
    """Yield the metrics that a status has; what is unknown has no sample."""
    document = status.document()
    sizes, now = document["bytes"], document["now"]
    pending = document["oldest_pending"]
    single = {
        "healthy": ("1 if `irrm-watch status --check-health` would pass.", document["healthy"]),
        "running": ("1 if the daemon runs.", document["daemon"]["running"]),
        "last_beat_timestamp_seconds": (
            "When the daemon's loop last turned.",
            document["daemon"]["beat_at"],
        ),
        "last_success_timestamp_seconds": (
            "When the last file was archived.",
            document["last_success"],
        ),
        "backlog_files": ("Files for which there is something to do.", document["backlog"]),
        "oldest_pending_seconds": (
            "Age of the oldest file of the backlog; 0 if there is none.",
            0.0 if pending is None else max(0.0, now - pending),
        ),
        "failed_files": ("Files that failed for good.", document["failures"]),
        "original_bytes": ("Of the originals of all that is archived.", sizes["original"]),
        "stored_bytes": ("Of all archive files.", sizes["stored"]),
        "saved_bytes": ("By which archive files are smaller.", sizes["saved"]),
        "freed_bytes": ("Of originals that were deleted from quarantine.", sizes["freed"]),
        "next_purge_timestamp_seconds": (
            "When the next original is to be deleted from quarantine.",
            document["next_purge"],
        ),
    }
    for name, (words, value) in single.items():
        family = GaugeMetricFamily(f"irrm_watch_{name}", words)
        if value is not None:
            family.add_metric([], float(value))
        yield family
    yield _labelled("files", "Entries of the catalogue by state.", "state", document["states"])
    yield _labelled(
        "class_files", "Entries of the catalogue by class.", "class", document["classes"]
    )
    for name, key, words in (
        ("folder_present", "present", "1 if the watched folder was there at the last look."),
        ("folder_events", "events", "1 if the system tells of new files, 0 if it is polled."),
        ("folder_backlog_files", "backlog", "Files for which there is something to do."),
        ("folder_scanned_timestamp_seconds", "scanned_at", "When it was last looked at."),
    ):
        values = {folder["name"]: folder[key] for folder in document["folders"]}
        yield _labelled(name, words, "folder", values)


def _labelled(name: str, words: str, label: str, values: dict[str, Any]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"irrm_watch_{name}", words, labels=[label])
    for key, value in values.items():
        if value is not None:
            family.add_metric([key], float(value))
    return family


class _FromStatus(Collector):
    """Reads the status anew whenever somebody asks."""

    def __init__(self, config: Config) -> None:
        self._config = config

    def collect(self) -> Iterator[GaugeMetricFamily]:
        # While the catalogue cannot be read there is nothing to tell, which shows.
        with contextlib.suppress(IrrmError):
            yield from families(read_status(self._config))

    def describe(self) -> list[GaugeMetricFamily]:
        return []


def registry_of(config: Config) -> CollectorRegistry:
    """Return a registry whose metrics are read from the catalogue when they are asked for."""
    registry = CollectorRegistry()
    registry.register(_FromStatus(config))
    return registry


class MetricsFile(Observer):
    """Renews a text file as long as the daemon's loop turns.

    Parameters
    ----------
    path : Path
        Of the file.
    config : Config
        Whose metrics they are.
    say : callable
        Hears why it cannot be written, once.
    """

    def __init__(
        self, path: Path, config: Config, *, say: Callable[[str], None] = lambda _what: None
    ) -> None:
        self._path = path
        self._registry = registry_of(config)
        self._say = say
        self._written_at = float("-inf")
        self._well = True

    def beat(self, backlog: int, busy: int) -> None:
        """Write the file if it is time."""
        now = time.monotonic()
        if now - self._written_at < EVERY:
            return
        self._written_at = now
        self.write()

    def write(self) -> None:
        """Write the file, whole or not at all."""
        try:
            write_to_textfile(str(self._path), self._registry)
            self._well = True
        except OSError as why:
            if self._well:
                self._well = False
                self._say(f"{self._path}: metrics cannot be written ({why.strerror or why})")


class MetricsPort:
    """Answers Prometheus at a port of this machine, and of no other.

    Raises
    ------
    OSError
        The port is taken.
    """

    def __init__(self, port: int, config: Config) -> None:
        self._server, self._thread = start_http_server(
            port, addr="127.0.0.1", registry=registry_of(config)
        )
        self.port = int(self._server.server_port)

    def close(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
