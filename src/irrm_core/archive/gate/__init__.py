"""The gate: restore from the stored bytes, compare with the original, judge."""

from __future__ import annotations

from irrm_core.archive.gate.floors import Delivery, Floors
from irrm_core.archive.gate.report import ChannelQuality, GateReport

__all__ = ["ChannelQuality", "Delivery", "Floors", "GateReport"]
