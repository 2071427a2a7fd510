"""From an image file to its LR file."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from irrm_core.archive.carried import lr_metadata
from irrm_core.archive.choice import RescalerPool
from irrm_core.archive.envelope import pack_side_data
from irrm_core.archive.formats import SUFFIXES, lr_format
from irrm_core.archive.lrfile import LR, lr_envelope, naming, read_envelope
from irrm_core.archive.naming import lr_name
from irrm_core.archive.target import settle_target
from irrm_core.engine import Layout, RestoreRecord
from irrm_core.errors import ImageFileError, UsageError
from irrm_core.imagefile import DEFAULT_MAX_PIXELS, open_image, write_image

if TYPE_CHECKING:
    from irrm_core.engine import Rescaler
    from irrm_core.progress import Cancel, Progress


@dataclass(frozen=True)
class DownscaledFile:
    """What `downscale_file` wrote.

    Attributes
    ----------
    source, target : Path
        The original and the LR file.
    source_size, target_size : int
        Bytes of the whole files, record and metadata included.
    record : RestoreRecord
        As embedded, with the measured quality if it was measured.
    record_size, side_size : int
        Bytes of the plain record, and of alpha and outliers beside it.
    """

    source: Path
    target: Path
    source_size: int
    target_size: int
    record: RestoreRecord
    record_size: int
    side_size: int


def downscale_file(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str] | None,
    rescaler: Rescaler | RescalerPool,
    *,
    format: str | None = None,
    overwrite: bool = False,
    force: bool = False,
    measure: bool = True,
    nonfinite: Literal["error", "fill"] = "error",
    seed: int = 0,
    max_pixels: int = DEFAULT_MAX_PIXELS,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> DownscaledFile:
    """Write the LR file of an image file.

    Parameters
    ----------
    source : path
        An image that `open_image` reads; stacks are read plane by plane.
    target : path, optional
        The LR file, or an existing folder for it; by default beside the source, named by
        `lr_name`.
    rescaler : Rescaler or RescalerPool
        With the model to use, or a pool that chooses one by the colours of the image.
    format : str, optional
        ``"png"``, ``"tiff"`` or ``"webp"`` (lossless); by default that of `target`'s suffix,
        else PNG for 8 bits and TIFF for 16 bits and stacks.
    overwrite : bool
        Replace an existing target.
    force : bool
        Downscale an LR file again; what it restores to then takes two restorations.
    measure : bool
        Restore at once, and record quality and a digest by which later restorations are
        checked. Takes the time of a restoration.
    nonfinite, seed
        As `Rescaler.downscale` takes them.
    max_pixels : int
        As `open_image` takes it.
    progress, cancel
        Told of each tile; asked before each tile.

    Raises
    ------
    ImageFileError, ImageTooLargeError
        The source cannot be read, or changed while it was.
    OutputExistsError
        The target exists; it is kept.
    UsageError
        The source is an LR file, or the target's format cannot hold an LR.
    ImageDataError
        A pixel is NaN or infinite.
    Cancelled
        `cancel` was flipped; nothing is left behind.
    """
    source = Path(source)
    wished = None if target is None else Path(target)
    if not force:
        _refuse_lr(source)
    before = _state(source)
    with open_image(source, max_pixels=max_pixels) as reader:
        info = reader.info
        chosen = lr_format(info, wished, format)
        name = lr_name(source.name, SUFFIXES[chosen])
        path = settle_target(source, wished, name, overwrite=overwrite)
        if isinstance(rescaler, RescalerPool):
            rescaler = rescaler.for_colours(Layout(info.axes, info.shape).colours)
        with naming(source):
            made = rescaler.downscale(
                reader,
                axes=info.axes,
                seed=seed,
                nonfinite=nonfinite,
                measure=measure,
                progress=progress,
                cancel=cancel,
            )
    digest = _hash_file(source)
    if _state(source) != before:
        raise ImageFileError(f"{source}: changed while it was read; try again when it is complete")
    record = replace(made.record, source_hash=digest, source_size=before[0])
    # The caller gets what a reader of the file gets, rounded as the file has it.
    record = RestoreRecord.from_dict(record.to_dict())
    side = pack_side_data(made.side_data)
    write_image(
        path,
        made.image,
        axes=record.lr_axes,
        metadata=lr_metadata(info.metadata, record),
        overwrite=overwrite,
        format=chosen,
        record=lr_envelope(record, side).to_bytes(),
    )
    return DownscaledFile(
        source=source,
        target=path,
        source_size=before[0],
        target_size=path.stat().st_size,
        record=record,
        record_size=len(lr_envelope(record).to_bytes()),
        side_size=len(side),
    )


def _refuse_lr(source: Path) -> None:
    envelope = read_envelope(source)
    if envelope is not None and envelope.kind == LR:
        raise UsageError(
            f"{source}: is an LR file already; `irrm restore` brings its original back, "
            "--force downscales it again"
        )


def _state(path: Path) -> tuple[int, int]:
    """Return size and modification time, which tell whether a file is being written."""
    try:
        status = path.stat()
    except OSError as why:
        raise ImageFileError(f"{path}: cannot be opened ({why.strerror}); check the path") from why
    return status.st_size, status.st_mtime_ns


def _hash_file(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
