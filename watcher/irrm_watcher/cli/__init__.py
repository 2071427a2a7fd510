"""The ``irrm-watch`` command: one file a verb, nothing heavy imported before a verb runs."""

from __future__ import annotations

from irrm_watcher.cli.app import main

__all__ = ["main"]
