"""Test tools for anyone who runs or changes the watcher: a ground to harm it on, and its law.

`Ground` is a watched folder with a store in a temporary place, worked by the real command in
real processes; it keeps a ledger of every content that a path ever had. `Forked` is the same,
worked by forks of the process at hand: faster, with a clock that can be set and a disk that can
be full. `violations` is the law that must hold after any harm once the watcher has settled.

`irrm_watcher.testing.soak` kills a watcher at random moments (``make soak KILLS=200``);
`irrm_watcher.testing.machine` is a Hypothesis state machine of everything else that happens.
"""

from __future__ import annotations

from irrm_watcher.testing.forked import Forked, JumpingClock
from irrm_watcher.testing.ground import Ground
from irrm_watcher.testing.ledger import Ledger
from irrm_watcher.testing.pictures import pictures
from irrm_watcher.testing.violations import violations

__all__ = ["Forked", "Ground", "JumpingClock", "Ledger", "pictures", "violations"]
