"""An LR file, opened: its pixels, and what a layer of them is to know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from irrm_core.archive import original_name
from irrm_core.archive.carried import hr_metadata
from irrm_core.archive.lrfile import read_envelope, read_lr_file
from irrm_core.archive.lrpixels import LrPixels
from irrm_core.errors import PixelsChangedError
from irrm_core.imagefile import open_image
from napari_irrm.files.calibration import Calibration
from napari_irrm.files.contrast import SHOWN, original_limits
from napari_irrm.layers import Display, Provenance

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


@dataclass(frozen=True)
class OpenedLr:
    """An LR file.

    Attributes
    ----------
    pixels : ndarray or None
        With the axes of the record; None where they were not asked for.
    provenance : Provenance
        Record, side data and look of the original.
    calibration : Calibration
        Of the original.
    """

    pixels: NDArray[Any] | None
    provenance: Provenance
    calibration: Calibration


def open_lr(path: Path, *, pixels: bool = True) -> OpenedLr:
    """Open an LR file; it is not read whole if its `pixels` are not wanted.

    Raises
    ------
    NotRestorableError
        It carries no record, or a damaged one.
    PixelsChangedError
        Its pixels are not those of its record.
    ImageFileError
        The file is damaged.
    """
    file = read_lr_file(path)
    record = file.record
    with open_image(path) as reader:
        inside = LrPixels(reader, record)
        if not inside.fits or inside.dtype != record.lr_dtype:
            raise PixelsChangedError(
                f"{path}: has {inside.dtype} pixels of shape {inside.shape} and its record is of "
                f"{record.lr_dtype} of shape {record.lr_shape}; the file was edited: find the "
                "unedited one"
            )
        array = inside[...] if pixels else None
        metadata = hr_metadata(reader.info.metadata, record)
    envelope = read_envelope(path)
    limits = original_limits(record, metadata, envelope and envelope.fields.get(SHOWN))
    # A layer that was saved may have given the file the name that LR layers have.
    name = (original_name(path.name) or path.stem).removesuffix(f" LR x{record.scale}")
    return OpenedLr(
        array,
        Provenance("lr", record, file.side_data(), name, Display(limits)),
        Calibration.of(metadata, record.axes),
    )
