"""From an LR file to the image that it restores to."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from irrm_core.archive.carried import hr_metadata
from irrm_core.archive.choice import RescalerPool
from irrm_core.archive.formats import restored_suffix
from irrm_core.archive.lrfile import naming, read_lr_file
from irrm_core.archive.lrpixels import LrPixels
from irrm_core.archive.mark import ReconstructionMark, marked
from irrm_core.archive.naming import restored_name
from irrm_core.archive.room import room_for
from irrm_core.archive.target import settle_target
from irrm_core.errors import ModelNotFoundError, NoRecordError
from irrm_core.imagefile import DEFAULT_MAX_PIXELS, open_image, write_image

if TYPE_CHECKING:
    from collections.abc import Callable

    from irrm_core.engine import Rescaler, RestoreRecord, SideData
    from irrm_core.imagefile import ImageReader
    from irrm_core.progress import Cancel, Progress


@dataclass(frozen=True)
class RestoredFile:
    """What `restore_file` wrote.

    Attributes
    ----------
    source, target : Path
        The LR file and the restoration.
    source_size, target_size : int
        Bytes of the whole files.
    record : RestoreRecord
        Of the LR file, or as assumed.
    mark : ReconstructionMark
        As embedded in the restoration.
    checked : bool
        Whether the restoration was compared with the digest in the record.
    """

    source: Path
    target: Path
    source_size: int
    target_size: int
    record: RestoreRecord
    mark: ReconstructionMark
    checked: bool


def restore_file(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str] | None = None,
    rescaler: Rescaler | RescalerPool | None = None,
    *,
    assume: Rescaler | None = None,
    device: str = "auto",
    precision: str = "auto",
    format: str | None = None,
    quality: int = 95,
    overwrite: bool = False,
    check: bool = True,
    max_pixels: int = DEFAULT_MAX_PIXELS,
    finish: Callable[[Path], None] | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> RestoredFile:
    """Restore an LR file, and mark the result as a reconstruction.

    Parameters
    ----------
    source : path
        The LR file.
    target : path, optional
        The restoration, whose suffix decides the format, or an existing folder for it; by
        default beside the source, named by `restored_name`.
    rescaler : Rescaler or RescalerPool, optional
        With the model that the record names, or a pool that gets it by its weights hash; by
        default a new pool.
    assume : Rescaler, optional
        With the model to assume if the file carries no record; a file that does is restored
        by its record.
    device, precision : str
        As `Rescaler` takes them; without meaning when it is given.
    format, quality
        As `write_image` takes them.
    overwrite : bool
        Replace an existing target.
    check : bool
        Compare the LR with its hash and the restoration with its digest.
    max_pixels : int
        As `open_image` takes it.
    finish : callable, optional
        As `atomic_output` takes it.
    progress, cancel
        Told of each tile; asked before each tile.

    Raises
    ------
    NoRecordError
        The file carries no restore record, and no model is assumed.
    PixelsChangedError
        The LR pixels are not those that were written.
    ModelNotFoundError
        The model that the file names is not on this machine.
    DigestMismatchError
        The restoration is not what was measured when the image was downscaled.
    NotRestorableError
        The record is damaged or from a newer version.
    OutputExistsError
        The target exists; it is kept.
    Cancelled
        `cancel` was flipped; nothing is left behind.
    """
    source = Path(source)
    wished = None if target is None else Path(target)
    if rescaler is None:
        rescaler = RescalerPool(device=device, precision=precision)
    with open_image(source, max_pixels=max_pixels) as reader:
        with naming(source):
            job = _job(source, reader, rescaler, assume)
        record = job.record
        name = restored_name(source.name, restored_suffix(reader.info, record.dtype))
        path = settle_target(source, wished, name, overwrite=overwrite)
        with naming(source):
            restored = job.rescaler.restore(
                job.pixels,
                record,
                job.side_data,
                check=check,
                progress=progress,
                cancel=cancel,
                out=room_for(record.hr_shape, record.dtype, path.parent) if job.fits else None,
            )
        metadata = hr_metadata(reader.info.metadata, record)
    mark = ReconstructionMark.of(record, assumed=job.assumed)
    write_image(
        path,
        restored,
        axes=record.axes,
        metadata=marked(metadata, mark),
        overwrite=overwrite,
        format=format,
        record=mark.envelope().to_bytes(),
        quality=quality,
        finish=finish,
    )
    return RestoredFile(
        source=source,
        target=path,
        source_size=source.stat().st_size,
        target_size=path.stat().st_size,
        record=record,
        mark=mark,
        checked=check and bool(record.digest),
    )


@dataclass(frozen=True)
class _Job:
    """All that a restoration takes."""

    record: RestoreRecord
    pixels: LrPixels
    side_data: SideData
    rescaler: Rescaler
    assumed: bool

    @property
    def fits(self) -> bool:
        """Whether pixels and model are those of the record, so that its sizes are believed."""
        return self.pixels.fits and self.rescaler.model.card.scale == self.record.scale


def _job(
    source: Path,
    reader: ImageReader,
    rescaler: Rescaler | RescalerPool,
    assume: Rescaler | None,
) -> _Job:
    from irrm_core.engine import assume_record

    try:
        file = read_lr_file(source)
    except NoRecordError:
        if assume is None:
            raise
        record = assume_record(assume.model.card, reader, axes=reader.axes)
        return _Job(record, LrPixels(reader, record), {}, assume, assumed=True)
    if isinstance(rescaler, RescalerPool):
        rescaler = _with_model(rescaler, file.record)
    pixels = LrPixels(reader, file.record)
    side_data = file.side_data() if pixels.fits else {}
    return _Job(file.record, pixels, side_data, rescaler, assumed=False)


def _with_model(pool: RescalerPool, record: RestoreRecord) -> Rescaler:
    try:
        return pool.for_weights(record.weights_hash)
    except ModelNotFoundError as error:
        # The error knows the hash only; people know models by name.
        raise ModelNotFoundError(
            f"was downscaled by {record.model}, which is not on this machine; "
            f"`irrm models fetch {record.weights_hash}` gets it by its weights hash"
        ) from error
