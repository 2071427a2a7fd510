"""The LR file: an ordinary image with its restore record inside."""

from __future__ import annotations

import os
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from irrm_core.archive.envelope import Envelope, unpack_side_data
from irrm_core.archive.formats import is_image_name
from irrm_core.archive.kind import RESTORATION, embedded_kind, naming, read_envelope
from irrm_core.archive.lrpixels import LrPixels
from irrm_core.archive.mark import RESTORED
from irrm_core.archive.naming import has_lr_name
from irrm_core.engine import RestoreRecord
from irrm_core.errors import NoRecordError, NotRestorableError
from irrm_core.imagefile import DEFAULT_MAX_PIXELS, open_image

if TYPE_CHECKING:
    from collections.abc import Mapping

    from irrm_core.engine import Downscaled, SideData
    from irrm_core.imagefile import SourceMetadata

LR = "lr"

__all__ = [
    "LR",
    "LrFile",
    "embedded_kind",
    "is_lr_file",
    "lr_envelope",
    "naming",
    "read_envelope",
    "read_lr",
    "read_lr_file",
]


@dataclass(frozen=True)
class LrFile:
    """An LR file as it lies on the disk, its pixels not read.

    Attributes
    ----------
    path : Path
        The file.
    file_size : int
        Its bytes, record included.
    record : RestoreRecord
        How to restore it.
    record_size : int
        Bytes of the record as it is embedded, side data not counted.
    side : bytes
        Packed side data (alpha, outliers); empty for most images.
    """

    path: Path
    file_size: int
    record: RestoreRecord
    record_size: int
    side: bytes

    def side_data(self) -> SideData:
        """Unpack the side data, of a record that was found to fit its pixels.

        They may be as large as the record says, which is believed once there are pixels to match.

        Raises
        ------
        NotRestorableError
            They are damaged, or claim more than an image of this size can have.
        """
        with naming(self.path):
            return unpack_side_data(self.side, max_bytes=_most_side_bytes(self.record))


def lr_envelope(
    record: RestoreRecord, side: bytes = b"", fields: Mapping[str, Any] | None = None
) -> Envelope:
    """Return what is embedded in an LR file: the record, and other JSON fields beside it."""
    return Envelope(LR, {**record.to_dict(), **(fields or {})}, side)


def is_lr_file(path: Path) -> bool:
    """Return whether a file of a folder is one to restore: by its record, or by its name.

    A file that is only named like an LR file is one whose record was lost: restoring it fails,
    which people must know.
    """
    return has_lr_name(path.name) or (
        is_image_name(path) and embedded_kind(path) not in (None, RESTORATION)
    )


def read_lr_file(path: str | os.PathLike[str]) -> LrFile:
    """Read the record of an LR file.

    Raises
    ------
    NoRecordError
        The file carries none: the first of the four reasons.
    NotRestorableError
        The record is damaged, or from a newer version.
    """
    path = Path(path)
    envelope = read_envelope(path)
    if envelope is None:
        raise NoRecordError(f"{path}: carries no restore record{_why_none(path)}")
    if envelope.kind == RESTORED:
        raise NoRecordError(
            f"{path}: carries no restore record; it is a restoration already, made from an LR file"
        )
    if envelope.kind != LR:
        raise NotRestorableError(
            f"{path}: carries a record of kind {envelope.kind[:40]!r}, which this version does "
            "not know; update napari-irrm"
        )
    with naming(path):
        record = RestoreRecord.from_dict(envelope.fields)
    plain = len(Envelope(LR, envelope.fields).to_bytes())
    return LrFile(path, path.stat().st_size, record, plain, envelope.side)


def read_lr(
    path: str | os.PathLike[str], *, max_pixels: int = DEFAULT_MAX_PIXELS
) -> tuple[Downscaled, SourceMetadata]:
    """Read an LR file whole, ready for `Rescaler.restore`.

    Returns
    -------
    Downscaled
        Pixels, record and side data. Whether they match each other is checked on restoring.
    SourceMetadata
        Of the LR picture.

    Raises
    ------
    NoRecordError, NotRestorableError
        As `read_lr_file`.
    ImageFileError
        The file is damaged.
    """
    from irrm_core.engine import Downscaled

    file = read_lr_file(path)
    with open_image(path, max_pixels=max_pixels) as reader:
        pixels = LrPixels(reader, file.record)
        side_data = file.side_data() if pixels.fits else {}
        return Downscaled(pixels[...], file.record, side_data), reader.info.metadata


def _why_none(path: Path) -> str:
    if has_lr_name(path.name):
        return (
            ", although it is named like an LR file; a program that edited or converted it "
            "dropped the record: find the unedited file, or name the model with --assume MODEL"
        )
    return "; it is no LR file. If you know which model made it, name it with --assume MODEL"


def _most_side_bytes(record: RestoreRecord) -> int:
    """Return an upper bound: alpha and every pixel kept exactly, with its place."""
    values = prod(record.hr_shape)
    return values * (2 * np.dtype(record.dtype).itemsize + 8) + 4096
