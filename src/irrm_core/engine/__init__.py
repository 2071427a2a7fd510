"""From arrays to LR arrays with a restore record, and back."""

from __future__ import annotations

from irrm_core.engine.mapping import IntensityMapping
from irrm_core.engine.record import RestoreRecord

__all__ = ["IntensityMapping", "RestoreRecord"]
