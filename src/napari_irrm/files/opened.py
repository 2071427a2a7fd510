"""An LR file, opened: its pixels, and what a layer of them is to know."""

from __future__ import annotations

from contextlib import contextmanager
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
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from irrm_core.imagefile import SourceMetadata


@dataclass(frozen=True)
class OpenedLr:
    """An LR file.

    Attributes
    ----------
    pixels : ndarray
        With the axes of the record.
    provenance : Provenance
        Record, side data and look of the original.
    calibration : Calibration
        Of the original.
    """

    pixels: NDArray[Any]
    provenance: Provenance
    calibration: Calibration


def open_lr(path: Path) -> OpenedLr:
    """Read an LR file whole.

    Raises
    ------
    NotRestorableError
        It carries no record, or a damaged one.
    PixelsChangedError
        Its pixels are not those of its record.
    ImageFileError
        The file is damaged.
    """
    with _opened(path) as (inside, provenance, metadata):
        calibration = Calibration.of(metadata, provenance.record.axes)
        return OpenedLr(inside[...], provenance, calibration)


def provenance_in(path: Path) -> Provenance:
    """Return what restores an LR file, its pixels not read; raises as `open_lr`."""
    with _opened(path) as (_, provenance, _):
        return provenance


@contextmanager
def _opened(path: Path) -> Iterator[tuple[LrPixels, Provenance, SourceMetadata]]:
    """Open an LR file: its pixels, what restores it, and what its original's metadata were."""
    file = read_lr_file(path)
    record = file.record
    envelope = read_envelope(path)
    with open_image(path) as reader:
        pixels = LrPixels(reader, record)
        if not pixels.fits or pixels.dtype != record.lr_dtype:
            raise PixelsChangedError(
                f"{path}: has {pixels.dtype} pixels of shape {pixels.shape} and its record is of "
                f"{record.lr_dtype} of shape {record.lr_shape}; the file was edited: find the "
                "unedited one"
            )
        metadata = hr_metadata(reader.info.metadata, record)
        limits = original_limits(record, metadata, envelope and envelope.fields.get(SHOWN))
        # A layer that was saved may have given the file the name that LR layers have.
        name = (original_name(path.name) or path.stem).removesuffix(f" LR x{record.scale}")
        yield pixels, Provenance("lr", record, file.side_data(), name, Display(limits)), metadata
