"""What is measured, and whether it is as good as promised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Reading:
    """One figure.

    Attributes
    ----------
    part : str
        Of the benchmark that it belongs to.
    what : str
        Was measured.
    value : float
        What it came to.
    unit : str
        Of the value and the goal.
    goal : float or None
        The most that is promised; None where the figure only explains others.
    """

    part: str
    what: str
    value: float
    unit: str
    goal: float | None = None

    @property
    def verdict(self) -> str:
        """``"met"`` or ``"missed"``; empty where there is no goal."""
        if self.goal is None:
            return ""
        return "met" if self.value <= self.goal else "missed"

    def cells(self) -> list[str]:
        """Return a row of the table for people."""
        goal = "" if self.goal is None else f"{_in_words(self.goal)} {self.unit}"
        return [self.part, self.what, f"{_in_words(self.value)} {self.unit}", goal, self.verdict]

    def to_json(self) -> dict[str, Any]:
        """Return the figure as JSON values."""
        return {
            "part": self.part,
            "what": self.what,
            "value": self.value,
            "unit": self.unit,
            "goal": self.goal,
            "met": None if self.goal is None else self.value <= self.goal,
        }


def _in_words(value: float) -> str:
    return f"{value:.0f}" if value == int(value) or abs(value) >= 1000 else f"{value:.3g}"
