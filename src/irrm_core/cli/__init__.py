"""The ``irrm`` command: one file a verb, nothing heavy imported before a verb runs."""

from __future__ import annotations

from irrm_core.cli.app import main

__all__ = ["main"]
