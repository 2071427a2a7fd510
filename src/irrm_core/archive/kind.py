"""What a file is to irrm, told from what is embedded in it, without numpy or torch."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from irrm_core.archive.envelope import Envelope
from irrm_core.archive.mark import RESTORED
from irrm_core.errors import ImageFileError, IrrmError, NotRestorableError
from irrm_core.imagefile import read_record

if TYPE_CHECKING:
    from collections.abc import Iterator

RESTORATION = "a restoration, not an original"


def read_envelope(path: Path) -> Envelope | None:
    """Return what irrm embedded in an image file; None if that is nothing.

    Raises
    ------
    NotRestorableError
        Something is embedded, and it is damaged.
    """
    blob = read_record(path)
    if blob is None:
        return None
    with naming(path):
        return Envelope.from_bytes(blob)


def embedded_kind(path: Path) -> str | None:
    """Return what a file is to irrm, in words; None for an ordinary image or no image.

    For choosing files of a folder: what cannot be read is not this function's to report.
    """
    try:
        envelope = read_envelope(path)
    except NotRestorableError:
        return "an LR file with a damaged record"
    except ImageFileError:
        return None
    if envelope is None:
        return None
    return RESTORATION if envelope.kind == RESTORED else "an LR file already"


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Let errors that arise within name the file, if they do not yet."""
    try:
        yield
    except IrrmError as error:
        if str(path) in str(error):
            raise
        raise type(error)(f"{path}: {error}") from error
