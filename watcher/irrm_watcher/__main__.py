"""``python -m irrm_watcher`` is the ``irrm-watch`` command."""

from __future__ import annotations

from irrm_watcher.cli import main

if __name__ == "__main__":  # workers import this module anew
    raise SystemExit(main())
