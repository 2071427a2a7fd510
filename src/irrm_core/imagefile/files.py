"""The way in and out: open, read and write image files of any kind."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import islice
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from irrm_core.errors import UsageError
from irrm_core.imagefile.atomic import atomic_output, refuse_existing
from irrm_core.imagefile.metadata import SourceMetadata
from irrm_core.imagefile.orientation import upright
from irrm_core.imagefile.reader import Array, ImageInfo, ImageReader
from irrm_core.imagefile.source import DEFAULT_MAX_PIXELS, open_regular, sniff_format

FORMATS = ("png", "jpeg", "webp", "bmp", "avif", "tiff", "ome-tiff", "imagej-tiff")
"""Names of the formats that can be written."""

_SUFFIXES = {
    ".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".jpe": "jpeg", ".webp": "webp", ".bmp": "bmp",
    ".avif": "avif", ".tif": "tiff", ".tiff": "tiff", ".btf": "tiff", ".tf8": "tiff",
}  # fmt: skip

READABLE_SUFFIXES = frozenset({*_SUFFIXES, ".gif"})
"""In lower case, of names that promise an image; its content decides what is read."""


def open_image(
    path: str | os.PathLike[str],
    *,
    max_pixels: int = DEFAULT_MAX_PIXELS,
    series: int | None = None,
) -> ImageReader:
    """Open an image file whose planes are decoded when they are asked for.

    The format is told from the content. The orientation is applied; see `ImageInfo` for what
    the array looks like.

    Parameters
    ----------
    path : path
        PNG, JPEG, WebP, BMP, GIF, AVIF or TIFF (plain, OME, ImageJ, BigTIFF).
    max_pixels : int
        Most pixels of one plane, and of all that is read into one array. A stack may have more
        in all, unless its file is far too small for that.
    series : int, optional
        Which image of a TIFF with several, from 0. Without it such a file is refused.

    Raises
    ------
    ImageFileError
        The file is missing, damaged, of an unknown kind, or would not be kept whole.
    ImageTooLargeError
        It claims more than `max_pixels`.
    """
    path = Path(path)
    stream = open_regular(path)
    try:
        name = sniff_format(stream, path)
        if name == "tiff":
            from irrm_core.imagefile.tiff_reader import open_tiff

            return open_tiff(path, stream, max_pixels, series)
        from irrm_core.imagefile.raster_reader import open_raster

        return open_raster(path, stream, name, max_pixels)
    except BaseException:
        stream.close()
        raise


def read_image(
    path: str | os.PathLike[str], *, max_pixels: int = DEFAULT_MAX_PIXELS
) -> tuple[Array, ImageInfo]:
    """Return all pixels of an image file, and what is known of it.

    See `open_image` for parameters and errors.

    Returns
    -------
    pixels : ndarray
        (H, W), (H, W, 3), (H, W, 4), or a stack of these with axes in front.
    info : ImageInfo
        Format, axes, bits and metadata.
    """
    with open_image(path, max_pixels=max_pixels) as image:
        return image.read(), image.info


def format_for(path: str | os.PathLike[str]) -> str:
    """Return the format that the name of an output asks for, one of `FORMATS`.

    Raises
    ------
    UsageError
        The suffix is that of no format that can be written.
    """
    path = Path(path)
    if path.suffix.lower() in (".tif", ".tiff") and Path(path.stem).suffix.lower() == ".ome":
        return "ome-tiff"
    try:
        return _SUFFIXES[path.suffix.lower()]
    except KeyError:
        raise UsageError(
            f"{path}: no format goes by this name; end it in .png, .tif, .ome.tif, .webp, .jpg,"
            " .avif or .bmp"
        ) from None


def write_image(
    path: str | os.PathLike[str],
    image: Any,
    *,
    axes: str | None = None,
    metadata: SourceMetadata | None = None,
    overwrite: bool = False,
    format: str | None = None,
    record: bytes | None = None,
    shape: tuple[int, ...] | None = None,
    dtype: DTypeLike | None = None,
    quality: int = 95,
    lossless: bool = True,
    compression: str | None = "deflate",
    finish: Callable[[Path], None] | None = None,
) -> None:
    """Write an image file; it appears under its name only when it is complete.

    Parameters
    ----------
    path : path
        Its suffix chooses the format unless `format` does.
    image : array-like or iterator of ndarray
        Anything with ``shape``, ``dtype`` and numpy indexing, which is read plane by plane; or
        an iterator of planes, with `shape` and `dtype` given.
    axes : str, optional
        One letter for each dimension: T, Z, C in any order, then YX or YXS. Needed for stacks.
    metadata : SourceMetadata, optional
        Written into the format's own fields; what a format cannot hold is left out.
    overwrite : bool
        Replace a file that is there.
    format : str, optional
        One of `FORMATS`. ``"tiff"`` becomes ImageJ's or OME's where axes or metadata want it.
    record : bytes, optional
        Embedded, to be read by `read_record`.
    shape, dtype : optional
        Of the whole image, for an iterator.
    quality : int
        Of JPEG, AVIF and lossy WebP, 1 to 100.
    lossless : bool
        Of WebP.
    compression : str or None
        Of TIFF: ``"deflate"`` or None.
    finish : callable, optional
        As `atomic_output` takes it.

    Raises
    ------
    UsageError
        Image, axes and format do not fit together.
    OutputExistsError
        The file exists and `overwrite` is false.
    ImageFileError
        The file system refused.
    """
    path = Path(path)
    name = format or format_for(path)
    if name not in FORMATS:
        raise UsageError(f"{path}: there is no format {name!r}; choose one of {', '.join(FORMATS)}")
    whole, kind, planes = _planes(path, image, shape, dtype)
    axes = _checked_axes(path, whole, axes)
    refuse_existing(path, overwrite)
    at = axes.index("Y")
    metadata = upright(metadata or SourceMetadata(), *whole[at : at + 2])
    if name.endswith("tiff"):
        from irrm_core.imagefile.tiff_writer import write_tiff

        with atomic_output(path, overwrite, finish=finish) as stream:
            write_tiff(
                path, stream, planes(at), whole, axes, kind, name, metadata, record, compression
            )
        return
    from irrm_core.imagefile.raster_writer import encode_raster

    if prod(whole[:at]) != 1:
        raise UsageError(f"{path}: {name.upper()} cannot hold a stack; write TIFF")
    (pixels,) = (np.ascontiguousarray(plane) for plane in planes(at))
    content = encode_raster(path, pixels, name, metadata, record, quality, lossless)
    with atomic_output(path, overwrite, finish=finish) as stream:
        stream.write(content)


def _planes(
    path: Path, image: Any, shape: tuple[int, ...] | None, dtype: DTypeLike | None
) -> tuple[tuple[int, ...], np.dtype[Any], Any]:
    """Return shape, dtype and a function that gives the planes behind so many leading axes."""
    if hasattr(image, "shape") and hasattr(image, "dtype"):
        kind = np.dtype(image.dtype).newbyteorder("=")
        whole = tuple(int(size) for size in image.shape)

        def of_array(leading: int) -> Iterator[Array]:
            for index in np.ndindex(*whole[:leading]):
                yield np.asarray(image[index] if index else image[...], kind)

        return whole, kind, of_array
    if shape is None or dtype is None:
        raise UsageError(f"{path}: planes that come one by one need a shape and a dtype")
    count = tuple(int(size) for size in shape)

    def of_iterator(leading: int) -> Iterator[Array]:
        expected = prod(count[:leading])
        given = 0
        coming = iter(image)
        for plane in islice(coming, expected):
            yield np.asarray(plane)
            given += 1
        if given < expected or next(coming, None) is not None:
            raise UsageError(f"{path}: other than the {expected} planes announced were given")

    return count, np.dtype(dtype).newbyteorder("="), of_iterator


def _checked_axes(path: Path, shape: tuple[int, ...], axes: str | None) -> str:
    if axes is None:
        colour = len(shape) == 3 and shape[-1] in (3, 4)
        axes = "YXS" if colour else "YX"
    leading = axes[: axes.find("Y")]
    fits = (
        len(axes) == len(shape)
        and axes[len(leading) :] in ("YX", "YXS")
        and set(leading) <= set("TZC")
        and len(set(leading)) == len(leading)
        and (not axes.endswith("S") or shape[-1] in (3, 4))
        and all(size > 0 for size in shape)
    )
    if not fits:
        raise UsageError(
            f"{path}: the axes {axes} do not fit an image of shape {shape}; they are T, Z, C as"
            " far as there are, then YX, then S for 3 or 4 colour samples"
        )
    return axes
