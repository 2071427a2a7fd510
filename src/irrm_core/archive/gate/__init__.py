"""The gate: restore from the stored bytes, compare with the original, judge.

Floors and reports are read without torch; `judge` imports it when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from irrm_core.archive.gate.floors import Delivery, Floors
from irrm_core.archive.gate.report import ChannelQuality, GateReport
from irrm_core.lazily import names_of

if TYPE_CHECKING:
    from irrm_core.archive.gate.judging import Verdict, judge

__all__ = ["ChannelQuality", "Delivery", "Floors", "GateReport", "Verdict", "judge"]


if not TYPE_CHECKING:
    __getattr__ = names_of(__name__, {"judging": ("Verdict", "judge")})
