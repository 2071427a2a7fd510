"""Test tools for anyone who runs or changes the watcher: a ground to harm it on, and its law.

`Ground` is a watched folder with a store in a temporary place, worked by the real command in
real processes; it keeps a ledger of every content that a path ever had. `violations` is the
law that must hold after any harm once the watcher has settled.
"""

from __future__ import annotations

from irrm_watcher.testing.ground import Ground
from irrm_watcher.testing.ledger import Ledger
from irrm_watcher.testing.pictures import pictures
from irrm_watcher.testing.violations import violations

__all__ = ["Ground", "Ledger", "pictures", "violations"]
