"""Searching a catalogue for people who look through it: many entries, told by number first.

A list of a hundred thousand entries is its numbers; the entries themselves are fetched for the
part that is looked at.
"""

from __future__ import annotations

import os
from array import array
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from irrm_core.archive.catalogue.columns import placeholders
from irrm_core.archive.catalogue.patterns import path_matches

if TYPE_CHECKING:
    from collections.abc import Iterable

    from irrm_core.archive.catalogue.states import State, StorageClass

NAMED = "irrm_named"
"""SQL function that tells whether a path is one that a search's text means; see `names`."""

_SIGNS = frozenset(b"*?[")


class Order(StrEnum):
    """By what entries are listed; entries that are equal in it are listed by name."""

    name = "name"
    archived = "archived"
    size = "size"
    saved = "saved"


_COLUMNS = {
    Order.name: "",
    Order.archived: "coalesce(archived_at, seen_at)",
    Order.size: "size",
    Order.saved: "size - stored_size",
}


@dataclass(frozen=True, kw_only=True)
class Search:
    """Which entries are looked for, and in which order.

    Attributes
    ----------
    text : str
        A part of the relative path in upper or lower case, or a pattern of it where it has one
        of ``*``, ``?`` and ``[``; see `path_matches`. Empty for all.
    root : str or None
        Name of a watched folder; None for all.
    states : frozenset of State
        Empty for any.
    classes : frozenset of StorageClass
        Empty for any, and for files whose class is not decided.
    since, until : float or None
        Archived, or if nothing is archived first seen, at or after and before this time, in
        seconds since 1970.
    versions : bool
        All versions that fit; else of each file the newest that fits `states` and `classes`.
    order : Order
        Of the entries.
    descending : bool
        The largest or latest first.
    """

    text: str = ""
    root: str | None = None
    states: frozenset[State] = frozenset()
    classes: frozenset[StorageClass] = frozenset()
    since: float | None = None
    until: float | None = None
    versions: bool = False
    order: Order = Order.name
    descending: bool = False

    def sql(self) -> tuple[str, list[Any]]:
        """Return a query for number, size and stored size of the entries, and its values."""
        terms, values = _fitting("entry", self)
        if self.root is not None:
            terms.append("root = ?")
            values.append(self.root)
        for sign, time in ((">=", self.since), ("<", self.until)):
            if time is not None:
                terms.append(f"coalesce(archived_at, seen_at) {sign} ?")
                values.append(time)
        if self.text.strip():
            terms.append(f"{NAMED}(?, path)")
            values.append(os.fsencode(self.text.strip()))
        if not self.versions:
            newer, more = _fitting("newer", self)
            newer += [
                "newer.root = entry.root",
                "newer.path = entry.path",
                "newer.version > entry.version",
            ]
            hidden = f"SELECT 1 FROM entry AS newer WHERE {' AND '.join(newer)}"
            terms.append(f"NOT EXISTS ({hidden})")
            values += more
        where = f" WHERE {' AND '.join(terms)}" if terms else ""
        down = " DESC" if self.descending else ""
        column = _COLUMNS[self.order]
        first = f"{column}{down}, root, path" if column else f"root{down}, path{down}"
        query = f"SELECT id, size, stored_size FROM entry{where} ORDER BY {first}, version DESC"
        return query, values


@dataclass(frozen=True)
class Found:
    """What a search found.

    Attributes
    ----------
    numbers : sequence of int
        The `id` of each entry, in order.
    size : int
        Bytes of the originals of all of them.
    stored_size : int
        Bytes of their archive files.
    """

    numbers: array[int] = field(default_factory=lambda: array("q"))
    size: int = 0
    stored_size: int = 0

    @classmethod
    def of(cls, rows: Iterable[tuple[int, int, int | None]]) -> Found:
        """Gather the rows of a search."""
        numbers, total, stored = array("q"), 0, 0
        for number, size, stored_size in rows:
            numbers.append(number)
            total += size
            stored += stored_size or 0
        return cls(numbers, total, stored)


def names(text: bytes, path: bytes) -> bool:
    """Return whether the text of a search means a path; neither need be valid text."""
    if _SIGNS.isdisjoint(text):
        return os.fsdecode(text).casefold() in os.fsdecode(path).casefold()
    return path_matches(text, path, any_case=True)


def _fitting(table: str, search: Search) -> tuple[list[str], list[Any]]:
    """Return the terms that also decide which version of a file is the newest."""
    terms, values = [], list[Any]()
    for column, wanted in (("state", search.states), ("storage", search.classes)):
        if wanted:
            terms.append(f"{table}.{column} IN ({placeholders(wanted)})")
            values += sorted(wanted)
    return terms, values
