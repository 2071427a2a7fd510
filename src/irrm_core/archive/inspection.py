"""What irrm knows about an image file, without torch and without restoring anything."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from irrm_core.archive.lrfile import LrFile, read_envelope, read_lr_file
from irrm_core.archive.lrpixels import LrPixels
from irrm_core.archive.mark import RESTORED, ReconstructionMark
from irrm_core.engine import hash_pixels
from irrm_core.errors import ModelNotFoundError, NotRestorableError, PixelsChangedError
from irrm_core.imagefile import DEFAULT_MAX_PIXELS, open_image

if TYPE_CHECKING:
    from irrm_core.engine import RestoreRecord
    from irrm_core.imagefile import ImageInfo, ImageReader

Kind = Literal["lr", "restored", "damaged lr", "image"]


@dataclass(frozen=True)
class FileReport:
    """What an image file is.

    Attributes
    ----------
    path : Path
        The file.
    file_size : int
        Its bytes.
    info : ImageInfo
        Of its pixels.
    kind : str
        ``"lr"``, ``"restored"``, ``"damaged lr"`` (a record that cannot be read), ``"image"``.
    lr : LrFile or None
        Record and side data of an LR file.
    pixels_match : bool or None
        Whether the pixels of an LR file are those that its record was written for.
    model_here : bool or None
        Whether the model that an LR file names is on this machine.
    mark : ReconstructionMark or None
        Of a restoration.
    problem : str or None
        Why an LR file cannot be restored here; None if nothing is known against it.
    """

    path: Path
    file_size: int
    info: ImageInfo
    kind: Kind
    lr: LrFile | None = None
    pixels_match: bool | None = None
    model_here: bool | None = None
    mark: ReconstructionMark | None = None
    problem: str | None = None


def inspect_file(
    path: str | os.PathLike[str], *, max_pixels: int = DEFAULT_MAX_PIXELS
) -> FileReport:
    """Look at an image file: its record, whether its pixels match, whether the model is here.

    Raises
    ------
    ImageFileError
        The file cannot be read as an image.
    """
    path = Path(path)
    with open_image(path, max_pixels=max_pixels) as reader:
        info, size = reader.info, path.stat().st_size
        try:
            envelope = read_envelope(path)
            if envelope is None:
                return FileReport(path, size, info, "image")
            if envelope.kind == RESTORED:
                mark = ReconstructionMark.from_fields(envelope.fields)
                return FileReport(path, size, info, "restored", mark=mark)
            lr = read_lr_file(path)
        except NotRestorableError as error:
            return FileReport(path, size, info, "damaged lr", problem=str(error))
        match = _match(reader, lr.record)
    here = _is_here(lr.record.weights_hash)
    problem = None
    if not match:
        problem = "the pixels are not those that were written; find the unedited file"
    elif lr.record.side_hash is not None and not lr.side:
        problem = "the data beside the pixels (alpha, outliers) are missing; find the unedited file"
    elif not here:
        problem = f"the model {lr.record.model} is not on this machine; fetch or import it"
    return FileReport(path, size, info, "lr", lr, match, here, problem=problem)


def _match(reader: ImageReader, record: RestoreRecord) -> bool:
    pixels = LrPixels(reader, record)
    if pixels.shape != record.lr_shape or reader.dtype.name != record.lr_dtype:
        return False
    try:
        return hash_pixels(pixels) == record.lr_hash
    except PixelsChangedError:
        return False


def _is_here(weights_hash: str) -> bool:
    from irrm_core.zoo import find_card

    try:
        find_card(weights_hash)
    except ModelNotFoundError:
        return False
    return True
