"""Reasons that are the same but for numbers and names, counted together."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_NAME = re.compile(r"^/.*?: ", re.DOTALL)  # which file it was is for `list` to say
_CHANNEL = re.compile(r" in (?:channel|plane) \d+")
_CLASS = re.compile(r"^\w+: ")  # which one was tried, before the first of its clauses
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e[-+]?\d+)?")


def counted(reasons: Iterable[tuple[str, int]], most: int) -> tuple[tuple[str, int], ...]:
    """Return kinds of reasons and how many files each, the commonest first.

    Parameters
    ----------
    reasons : iterable of (str, int)
        As the catalogue has them, and of how many files.
    most : int
        How many kinds at most.
    """
    kinds: Counter[str] = Counter()
    for reason, files in reasons:
        kinds[kind_of(reason)] += files
    return tuple(kinds.most_common(most))


def kind_of(reason: str) -> str:
    """Return a reason without what belongs to one file: its name, measurements, channels."""
    plain = _NUMBER.sub("…", _CHANNEL.sub("", _NAME.sub("", reason)))
    # Of three channels that fail alike one is enough.
    clauses: dict[str, str] = {}
    for clause in plain.split("; "):
        clauses.setdefault(_CLASS.sub("", clause), clause)
    return "; ".join(clauses.values())
