"""The gate: restore from the stored bytes, compare with the original, judge.

Floors and reports are read without torch; `judge` imports it when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from irrm_core.archive.gate.floors import Delivery, Floors
from irrm_core.archive.gate.report import ChannelQuality, GateReport

if TYPE_CHECKING:
    from irrm_core.archive.gate.judging import Verdict, judge

__all__ = ["ChannelQuality", "Delivery", "Floors", "GateReport", "Verdict", "judge"]


def __getattr__(name: str) -> Any:
    if name in ("Verdict", "judge"):
        from irrm_core.archive.gate import judging

        return getattr(judging, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
