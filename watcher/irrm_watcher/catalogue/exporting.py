"""A catalogue as text: JSON lines or CSV, for people's own tools."""

from __future__ import annotations

import csv
import io
import json
import os
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from irrm_core.archive.catalogue import Entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_NAMES = tuple(field.name for field in fields(Entry) if field.name != "id")


def as_fields(entry: Entry) -> dict[str, Any]:
    """Return an entry as JSON values.

    Paths are text; a byte that is no UTF-8 is a lone surrogate, as `os.fsdecode` has it, which
    JSON can write and read.
    """
    values = {name: getattr(entry, name) for name in _NAMES}
    return {
        name: os.fsdecode(value) if isinstance(value, bytes) else value
        for name, value in values.items()
    } | {"measured": dict(entry.measured)}


def json_lines(entries: Iterable[Entry]) -> Iterator[str]:
    """Yield a line of JSON for each entry."""
    for entry in entries:
        yield json.dumps(as_fields(entry), separators=(",", ":"), allow_nan=False)


def csv_lines(entries: Iterable[Entry]) -> Iterator[str]:
    """Yield a line of names, and a line of CSV for each entry; `measured` is one of JSON."""
    yield _csv(_NAMES)
    for entry in entries:
        values = as_fields(entry)
        measured = json.dumps(values["measured"], separators=(",", ":"))
        yield _csv((values | {"measured": measured}).values())


def _csv(values: Iterable[Any]) -> str:
    text = io.StringIO()
    cells = ("" if value is None else value for value in values)
    # Only what is in the terminator is quoted for its sake: names hold both.
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue().removesuffix("\r\n")
