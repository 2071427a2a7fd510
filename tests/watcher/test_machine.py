"""Whatever happens, in whatever order: nothing is lost. See `irrm_watcher.testing.machine`.

``IRRM_MACHINE_EXAMPLES=500`` tries more than a few, and others each time.
"""

from __future__ import annotations

import os
import sys

import pytest
from hypothesis import HealthCheck, settings

from irrm_watcher.testing.machine import WatcherMachine

pytestmark = pytest.mark.skipif(not hasattr(os, "fork") or sys.platform != "linux", reason="forks")

MORE = int(os.environ.get("IRRM_MACHINE_EXAMPLES", "0"))
PROFILE = settings(
    max_examples=MORE or 6,
    stateful_step_count=12,
    derandomize=not MORE,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


class Replacing(WatcherMachine):
    mode = "replace"


class Copying(WatcherMachine):
    mode = "copy"


TestReplacing = Replacing.TestCase
TestReplacing.settings = PROFILE
TestCopying = Copying.TestCase
TestCopying.settings = PROFILE
