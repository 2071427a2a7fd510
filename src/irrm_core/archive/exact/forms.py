"""The forms of an exact file, and what such a file tells of itself."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from irrm_core.archive.exact import boxes, frames
from irrm_core.errors import ImageFileError, NotRestorableError

if TYPE_CHECKING:
    import os

    from irrm_core.archive.envelope import Envelope

EXACT = "exact"
"""Kind of the envelope that is embedded in an exact file."""

PIXELS = "pixels"
"""Key in the envelope: of form ``jxl-pixels`` what the decoded pixels must be."""


BODY = "body"
"""Key in the envelope of a JPEG XL file: SHA-256 of all else in it. Decoders believe what they
are given, however large it says that it is."""


class ExactForm(StrEnum):
    """How an exact file holds its original.

    ``jxl-jpeg``: a JPEG, transcoded to JPEG XL, comes back byte for byte. ``zstd``: any file,
    byte for byte. ``jxl-pixels``: an image's pixels as lossless JPEG XL; a PNG or TIFF of the
    same pixels and metadata comes back.
    """

    jxl_jpeg = "jxl-jpeg"
    zstd = "zstd"
    jxl_pixels = "jxl-pixels"

    @property
    def suffix(self) -> str:
        """Of the archive file's name."""
        return ".zst" if self is ExactForm.zstd else ".jxl"


def read_exact_envelope(path: str | os.PathLike[str]) -> Envelope | None:
    """Return what is embedded in an exact file; None if it is no such file.

    Raises
    ------
    NotRestorableError
        It is one, and its record is damaged.
    ImageFileError
        It cannot be read.
    """
    path = Path(path)
    try:
        with path.open("rb") as stream:
            return envelope_in(stream)
    except NotRestorableError as error:
        raise NotRestorableError(f"{path}: {error}") from error
    except OSError as why:
        raise ImageFileError(
            f"{path}: cannot be read ({why.strerror or why}); check its disk and permissions"
        ) from why


def envelope_in(stream: BinaryIO) -> Envelope | None:
    """Return the envelope in an open exact file; None if it is no such file."""
    from irrm_core.archive.envelope import Envelope

    stream.seek(0)
    head = stream.read(len(boxes.SIGNATURE))
    if head.startswith(frames.MAGIC):
        blob = frames.read_frame(stream)
    elif head == boxes.SIGNATURE:
        blob = boxes.read_box(stream, boxes.RECORD, frames.MOST_RECORD)
        if blob is None:
            return None
    else:
        return None
    envelope = None if blob is None else Envelope.from_bytes(blob)
    if envelope is None or envelope.kind != EXACT:
        raise NotRestorableError("the record is damaged; take another copy of the file")
    return envelope
