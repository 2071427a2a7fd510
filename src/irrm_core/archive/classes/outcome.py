"""What became of one file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from irrm_core.archive.store import Provenance


@dataclass(frozen=True)
class Stored:
    """A verified archive file that has not taken its name yet; see `commit`.

    Attributes
    ----------
    temporary : Path
        Where it lies, whole and synced, in the folder of `target`.
    target : Path
        Where it shall be.
    size : int
        Its bytes.
    sha256 : str
        Of these, hexadecimal.
    provenance : Provenance
        As it is embedded: class, measurements, model.
    reason : str
        Why this class and not another, for people.
    """

    temporary: Path
    target: Path
    size: int
    sha256: str
    provenance: Provenance
    reason: str


@dataclass(frozen=True)
class Kept:
    """A file that is left as it is.

    Attributes
    ----------
    reason : str
        For people, with the numbers that decided.
    """

    reason: str
