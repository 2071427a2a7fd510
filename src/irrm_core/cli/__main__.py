"""``python -m irrm_core.cli`` is the ``irrm`` command."""

from __future__ import annotations

from irrm_core.cli.app import main

raise SystemExit(main())
