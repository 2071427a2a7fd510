"""A part of the entries that anybody can choose again: by a seed, not by chance."""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from irrm_core.archive.catalogue import Entry


def sampled(entries: Iterable[Entry], share: float, seed: str) -> list[Entry]:
    """Return a share of the entries, rounded up; the same for the same entries and seed.

    Parameters
    ----------
    entries : iterable of Entry
        To choose from.
    share : float
        From 0 to 1.
    seed : str
        Such as the date: another day chooses others, and over time all have their turn.
    """
    ranked = sorted(entries, key=lambda entry: _rank(entry, seed))
    # Not one more for an error of rounding: 5 % of 100 are 5.
    return ranked[: math.ceil(round(len(ranked) * share, 9))]


def _rank(entry: Entry, seed: str) -> bytes:
    name = f"{seed}\0{entry.root}\0{entry.version}\0".encode("utf-8", "surrogateescape")
    return hashlib.sha256(name + entry.path).digest()
