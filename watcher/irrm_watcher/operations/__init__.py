"""Operations: log, heartbeat, status, health, metrics, failure hook, systemd."""

from __future__ import annotations

from irrm_watcher.operations.status import Status, read_status
from irrm_watcher.operations.watching import watching_over

__all__ = ["Status", "read_status", "watching_over"]
