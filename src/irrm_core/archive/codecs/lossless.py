"""What a file takes without loss: JPEG XL of its pixels or of its JPEG, and zstd of its bytes."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import numpy as np

from irrm_core.archive.codecs.contestants import EXTRA
from irrm_core.errors import UsageError
from irrm_core.progress import Cancel

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from irrm_core.archive.codecs.picture import Picture
    from irrm_core.engine import Layout

LOSSLESS = ("JPEG XL of the JPEG", "zstd of the file", "lossless JPEG XL")
"""The forms, in the order of `lossless_forms`."""


@dataclass(frozen=True)
class LosslessForm:
    """A file stored without loss.

    Attributes
    ----------
    name : str
        One of `LOSSLESS`.
    size : int or None
        Bytes of the whole file; None if it cannot be stored so.
    gives_back : str
        ``"file"``: the same bytes; ``"pixels"``: the same picture.
    problem : str or None
        Why it cannot.
    """

    name: str
    size: int | None
    gives_back: str
    problem: str | None = None


def lossless_forms(
    path: Path, format: str, image: NDArray[Any], layout: Layout, carried: int
) -> tuple[LosslessForm, ...]:
    """Return what a file takes in each of the forms.

    Parameters
    ----------
    path : Path
        The file.
    format : str
        As `ImageInfo.format`.
    image : ndarray
        Its pixels, alpha included.
    layout : Layout
        Their axes.
    carried : int
        Bytes of its metadata, which pixels alone leave out.
    """
    return (_transcoded(path, format), _zstd(path), _pixels(image, layout, carried))


def alpha_size(picture: Picture) -> int:
    """Return the bytes of the alpha planes as lossless JPEG XL: nobody's alpha is lossy here."""
    if not picture.alpha:
        return 0
    try:
        import imagecodecs
    except ImportError:
        return sum(plane.nbytes for plane in picture.alpha)
    return sum(len(imagecodecs.jpegxl_encode(plane, lossless=True)) for plane in picture.alpha)


def _transcoded(path: Path, format: str) -> LosslessForm:
    name = LOSSLESS[0]
    if format != "jpeg":
        return LosslessForm(name, None, "file", "is no JPEG")
    try:
        import imagecodecs
    except ImportError:
        return LosslessForm(name, None, "file", EXTRA)
    data = path.read_bytes()
    try:
        made = imagecodecs.jpegxl_encode_jpeg(data)
        same = imagecodecs.jpegxl_decode_jpeg(made, numthreads=1) == data
    except (imagecodecs.JpegxlError, ValueError):
        same = False
    if not same:
        return LosslessForm(name, None, "file", "is a JPEG that JPEG XL does not give back")
    return LosslessForm(name, len(made), "file")


class _Counter(io.RawIOBase):
    """Counts what is written to it."""

    def __init__(self) -> None:
        self.size = 0

    def write(self, data: Any, /) -> int:
        self.size += len(data)
        return len(data)


def _zstd(path: Path) -> LosslessForm:
    name = LOSSLESS[1]
    from irrm_core.archive.exact.frames import write_zstd

    target = _Counter()
    try:
        with path.open("rb") as stream:
            write_zstd(stream, cast(BinaryIO, target), b"", Cancel())
    except UsageError:
        return LosslessForm(name, None, "file", "needs zstandard, the extra napari-irrm[codecs]")
    return LosslessForm(name, target.size, "file")


def _pixels(image: NDArray[Any], layout: Layout, carried: int) -> LosslessForm:
    name = LOSSLESS[2]
    if image.dtype not in (np.uint8, np.uint16):
        return LosslessForm(name, None, "pixels", f"holds 8 and 16 bits here, not {image.dtype}")
    try:
        import imagecodecs
    except ImportError:
        return LosslessForm(name, None, "pixels", EXTRA)
    planes = (np.ascontiguousarray(layout.read(image, place)) for place in layout.planes())
    size = sum(len(imagecodecs.jpegxl_encode(plane, lossless=True, effort=7)) for plane in planes)
    return LosslessForm(name, size + carried, "pixels")
