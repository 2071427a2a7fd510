"""Tell systemd how the daemon is: ready, alive, stopping. Elsewhere this does nothing.

The protocol is one datagram a message (`sd_notify(3)`); systemd's own library is only needed
for more than that.
"""

from __future__ import annotations

import contextlib
import os
import socket
from typing import TYPE_CHECKING

from irrm_watcher.pipeline.observer import Observer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from irrm_watcher.scan import Watching

VARIABLE = "NOTIFY_SOCKET"
"""Names the socket; set by systemd for services of ``Type=notify``."""


def notify(*lines: str) -> bool:
    """Send lines such as ``"READY=1"``; return whether anybody listens."""
    address = os.environ.get(VARIABLE, "")
    if not address.startswith(("/", "@")):
        return False
    if address.startswith("@"):
        address = "\0" + address[1:]  # in the abstract name space
    with (
        contextlib.suppress(OSError),
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel,
    ):
        channel.settimeout(1.0)
        channel.connect(address)
        channel.sendall("\n".join(lines).encode("utf-8"))
        return True
    return False


class Systemd(Observer):
    """Passes on what systemd wants to know; its watchdog is fed by the daemon's own loop."""

    def __init__(self) -> None:
        self._resting = ""

    def started(self, recovered: Mapping[str, int], watching: Mapping[str, Watching]) -> None:
        """Be ready."""
        notify("READY=1", f"STATUS=watches {len(watching)} folders")

    def resting(self, why: str) -> None:
        """Note why nothing is taken up."""
        self._resting = why

    def beat(self, backlog: int, busy: int) -> None:
        """Be alive."""
        doing = f"resting ({self._resting})" if self._resting else f"at work on {busy}"
        notify("WATCHDOG=1", f"STATUS={doing}, {backlog} files to do")

    def close(self) -> None:
        """Be about to end. A reload stops the work for a moment, too; that is not told."""
        notify("STOPPING=1")
