"""The gate itself: from an LR file on the disk and its original to a verdict.

What is judged is what a later restore will hand out. The file is therefore read back from the
disk, restored by the model that restores use, and, where JPEG will be delivered, encoded as that
and decoded again.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from irrm_core.archive.gate.comparing import Comparison
from irrm_core.archive.gate.floors import Delivery, Floors
from irrm_core.archive.gate.report import GateReport, missed
from irrm_core.archive.lrfile import naming, read_lr_file
from irrm_core.archive.lrpixels import LrPixels
from irrm_core.engine import Downscaled, Layout
from irrm_core.imagefile import DEFAULT_MAX_PIXELS, open_image, read_image, write_image
from irrm_core.imagefile.atomic import temporary_beside

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from irrm_core.engine import Rescaler, RestoreRecord
    from irrm_core.engine.layout import ArrayLike
    from irrm_core.imagefile import ImageInfo
    from irrm_core.progress import Cancel, Progress

_JPEG_SIDE = 65500


@dataclass(frozen=True)
class Verdict:
    """What the gate says of an LR file.

    Attributes
    ----------
    report : GateReport
        The measurements, and whether they reach the floors.
    record : RestoreRecord
        That of the file, with the digest of this restoration, by which later ones are checked,
        and its PSNR over all values.
    """

    report: GateReport
    record: RestoreRecord


def judge(
    lr_file: Path,
    original: ArrayLike,
    rescaler: Rescaler,
    floors: Floors,
    delivery: Delivery,
    *,
    precision: str = "auto",
    max_pixels: int = DEFAULT_MAX_PIXELS,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Verdict:
    """Restore an LR file from the disk and compare the result with the original.

    Runs the network once over the image. Of stacks one plane at a time is in memory.

    Parameters
    ----------
    lr_file : Path
        Written and synced.
    original : array
        An open image, or anything that is sliced plane by plane.
    rescaler : Rescaler
        With the model that the file names, at the precision that restores use.
    floors : Floors
        That each channel of each plane must reach.
    delivery : Delivery
        What a restore will hand out.
    precision : str
        Of the rescaler, for the report.
    max_pixels : int
        As `open_image` takes it.
    progress, cancel
        Told of each tile; asked before each tile.

    Raises
    ------
    NotRestorableError
        The file is not what was written.
    ModelNotFoundError
        The rescaler's model is not the one that the file names.
    Cancelled
        `cancel` was flipped.
    """
    _forget(lr_file)
    with open_image(lr_file, max_pixels=max_pixels) as reader, naming(lr_file):
        file = read_lr_file(lr_file)
        record, info = file.record, reader.info
        pixels = LrPixels(reader, record)
        lr = Downscaled(pixels, record, file.side_data() if pixels.fits else {})  # type: ignore[arg-type]
        comparison = Comparison(original, record)
        as_jpeg = delivers_jpeg(info, record, delivery)
        out: Any = np.empty(record.hr_shape, record.dtype) if as_jpeg else comparison
        measured = rescaler.measure(original, lr, progress=progress, cancel=cancel, out=out)
    size = _through_jpeg(lr_file, out, delivery.quality, comparison) if as_jpeg else None
    channels = comparison.channels()
    failures = list(missed(channels, floors))
    if comparison.alpha_differs:
        failures.append("the transparency is not that of the original")
    if not comparison.complete:
        failures.append(f"only {comparison.planes} planes were restored")
    report = GateReport(
        channels=channels,
        planes=comparison.planes,
        delivered=str(delivery if as_jpeg else Delivery()),
        precision=precision,
        delivered_size=size,
        failures=tuple(failures),
    )
    return Verdict(report, measured.record)


def delivers_jpeg(info: ImageInfo, record: RestoreRecord, delivery: Delivery) -> bool:
    """Return whether the restoration of an LR file is handed out as JPEG.

    JPEG holds one plane of 8 bits without transparency, and scientific images, whose LR is a
    TIFF, are not asked to lose anything more: all others are delivered without loss.
    """
    layout = Layout(record.axes, record.hr_shape)
    return (
        delivery.format == "jpeg"
        and not info.format.endswith("tiff")
        and record.dtype == "uint8"
        and layout.plane_count == 1
        and not layout.has_alpha
        and max(layout.height, layout.width) <= _JPEG_SIDE
    )


def _through_jpeg(
    lr_file: Path, restored: NDArray[Any], quality: int, comparison: Comparison
) -> int:
    """Compare what a JPEG of the restoration decodes to; return its bytes."""
    delivered = temporary_beside(lr_file)
    try:
        write_image(delivered, restored, overwrite=True, format="jpeg", quality=quality)
        decoded, _ = read_image(delivered)
        comparison[...] = decoded
        return delivered.stat().st_size
    finally:
        delivered.unlink(missing_ok=True)


def _forget(path: Path) -> None:
    """Let the system drop its copy in memory, so that reading the file reads the disk."""
    if hasattr(os, "posix_fadvise"):
        with path.open("rb") as stream:
            os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
