"""Entries to rows and back."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from irrm_core.archive.catalogue.entry import Entry
from irrm_core.archive.catalogue.states import State, StorageClass

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

COLUMNS = tuple(field.name for field in fields(Entry))
"""Names of the columns, in the order of the fields."""

SELECT = f"SELECT {', '.join(COLUMNS)} FROM entry"
"""The beginning of a query whose rows `entry_of` takes."""

# SQLite's integers have a sign; inode and device numbers use all 64 bits without one.
_UNSIGNED = frozenset({"inode", "device"})
_WHOLE = 1 << 64


def entry_of(row: Sequence[Any]) -> Entry:
    """Return the entry that a row of `SELECT` tells of."""
    values = dict(zip(COLUMNS, row, strict=True))
    values["state"] = State(values["state"])
    if values["storage"] is not None:
        values["storage"] = StorageClass(values["storage"])
    values["present"] = bool(values["present"])
    measured = values["measured"]
    values["measured"] = {} if measured == "{}" else json.loads(measured)
    for name in _UNSIGNED:
        if values[name] is not None:
            values[name] %= _WHOLE
    return Entry(**values)


def row_of(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return what SQLite takes for some columns of an entry.

    Raises
    ------
    TypeError
        A column is unknown.
    """
    if unknown := columns.keys() - set(COLUMNS):
        raise TypeError(f"a catalogue has no column {', '.join(sorted(unknown))}")
    return {name: _stored(name, value) for name, value in columns.items()}


def _stored(name: str, value: Any) -> Any:
    if name == "measured":
        return json.dumps(dict(value), separators=(",", ":"), sort_keys=True)
    if name == "reason":
        # It may name a file whose name is no valid text, and SQLite takes nothing else.
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if name in _UNSIGNED and value is not None:
        return value - _WHOLE if value >= _WHOLE // 2 else value
    return int(value) if isinstance(value, bool) else value


def placeholders(values: Iterable[object]) -> str:
    """Return as many question marks as there are values: ``?, ?, ?``."""
    return ", ".join("?" for _ in values)
