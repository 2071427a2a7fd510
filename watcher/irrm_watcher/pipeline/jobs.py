"""What goes to a worker process and what comes back: small values, never a handle."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from irrm_core.archive.catalogue import Entry
    from irrm_core.archive.classes import Kept, Rule, Stored
    from irrm_watcher.pipeline.look import Look


@dataclass(frozen=True)
class Archive:
    """Make a verified archive file of an original.

    Attributes
    ----------
    source : Path
        The original.
    entry : Entry
        Its row.
    rule : Rule
        How it is to be stored.
    known : str or None
        Hash of the version before, if that is archived: the file may only have been touched.
    """

    source: Path
    entry: Entry
    rule: Rule
    known: str | None = None


@dataclass(frozen=True)
class Hash:
    """Read an original once more, before it is taken away."""

    source: Path


@dataclass(frozen=True)
class Recheck:
    """Compare an original in quarantine with what the store gives back.

    Attributes
    ----------
    original : Path
        In quarantine.
    entry : Entry
        Its row.
    """

    original: Path
    entry: Entry


Job = Archive | Hash | Recheck


@dataclass(frozen=True)
class Archived:
    """What came of `Archive`: a file that has not taken its name, or a reason to have none."""

    outcome: Stored | Kept
    sha256: str
    look: Look


@dataclass(frozen=True)
class Same:
    """The content is the archived one, or one that was restored from the store."""

    sha256: str
    look: Look
    restored: bool


@dataclass(frozen=True)
class Hashed:
    """What came of `Hash`, and of `Recheck` when the store gives the original back."""

    sha256: str
    look: Look


@dataclass(frozen=True)
class Failure:
    """Why a job came to nothing.

    Attributes
    ----------
    kind : str
        ``"changed"``: the file is not what it was, or is gone. ``"cancelled"``. ``"store"``: no
        file's fault; the store cannot be written, or a model is not there. ``"content"``: trying
        again would fail again. ``"crash"``: anything else, such as want of memory, or a worker
        that died.
    reason : str
        For people.
    errno : int or None
        Of the file system, for ``"store"``.
    """

    kind: str
    reason: str
    errno: int | None = None


@dataclass(frozen=True)
class Encoded:
    """Said once on the way of `Archive`: an archive file is written, and the gate looks at it."""


Result = Archived | Same | Hashed | Failure


@dataclass(frozen=True)
class Settings:
    """What a worker is told when it starts.

    Attributes
    ----------
    store, catalogue : Path
        Where they are.
    threads : int
        Of torch.
    device : str
        As `Rescaler` takes it.
    """

    store: Path
    catalogue: Path
    threads: int
    device: str = "auto"
