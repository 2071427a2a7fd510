"""What a check of a store finds wrong."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Problem(StrEnum):
    """What is wrong, in a word that scripts may rely on.

    ``missing``: a stored file that the catalogue names is not there. ``damaged``: it is not the
    file that was written. ``record``: what it says of its original cannot be read, or is not
    what the catalogue says. ``misnamed``: it does not lie where its record belongs. ``unknown``:
    a file in the store that the catalogue does not name. ``foreign``: a file that is no archive
    file. ``model-missing``, ``model-damaged``: the copy of a model. ``differs``: it restores to
    something else than was recorded, or not at all.
    """

    missing = "missing"
    damaged = "damaged"
    record = "record"
    misnamed = "misnamed"
    unknown = "unknown"
    foreign = "foreign"
    model_missing = "model-missing"
    model_damaged = "model-damaged"
    differs = "differs"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with a store.

    Attributes
    ----------
    problem : Problem
        What.
    path : bytes
        Of the file or folder, relative to the store.
    message : str
        What is wrong with which file, and what to do next.
    root : str or None
        Of the original: the watched folder.
    original : bytes or None
        Its path.
    version : int or None
        Its version.
    """

    problem: Problem
    path: bytes
    message: str
    root: str | None = None
    original: bytes | None = None
    version: int | None = None
