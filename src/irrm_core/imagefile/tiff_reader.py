"""Read TIFF, page by page: plain, OME-TIFF, ImageJ, tiled, big-endian, BigTIFF."""

from __future__ import annotations

import logging
from contextlib import suppress
from math import prod
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from irrm_core.errors import ImageFileError
from irrm_core.imagefile import ome
from irrm_core.imagefile.orientation import turn, turned_shape
from irrm_core.imagefile.reader import Array, ImageInfo, ImageReader
from irrm_core.imagefile.source import check_plane, check_stack, decoding, file_size
from irrm_core.imagefile.tiff_colour import TiffColour, colour_of
from irrm_core.imagefile.tiff_metadata import read_metadata

logger = logging.getLogger(__name__)

_ORIENTATION = 274
_FEW_PAGES = 64


class TiffReader(ImageReader):
    """The planes of a TIFF file; see `open_tiff`."""

    def __init__(
        self, info: ImageInfo, stream: BinaryIO, max_pixels: int, tiff: Any, series: Any,
        colour: TiffColour, turned: int,
    ) -> None:  # fmt: skip
        super().__init__(info, stream, max_pixels)
        self._tiff = tiff
        self._series = series
        self._colour = colour
        self._turned = turned

    def _decode(self, index: tuple[int, ...]) -> Array:
        shape = self.info.leading_shape
        if self._colour.channels > 1:
            index, shape, channel = index[:-1], shape[:-1], index[-1]
        number = int(np.ravel_multi_index(index, shape)) if index else 0
        pixels = self._colour.convert(self._stored(number))
        if self._colour.channels > 1:
            pixels = pixels[..., channel]
        return turn(pixels, self._turned)

    def _stored(self, number: int) -> Array:
        """Return the samples of a page, samples last."""
        key = self._series.keyframe
        if self._series.dataoffset is not None:
            dtype = np.dtype(key.dtype).newbyteorder(self._tiff.byteorder)
            self._stream.seek(self._series.dataoffset + number * key.nbytes)
            content = self._stream.read(key.nbytes)
            if len(content) < key.nbytes:
                raise ValueError("its pixel data are cut off")
            stored = np.frombuffer(content, dtype).reshape(key.shape)
        else:
            page = self._series[number]
            _refuse_cut_off(page, file_size(self._stream))
            stored = page.asarray()
        return np.moveaxis(stored, 0, -1) if key.axes == "SYX" else stored

    def close(self) -> None:
        """Close the file."""
        self._tiff.close()
        super().close()


def open_tiff(
    path: Path, stream: BinaryIO, max_pixels: int, series: int | None = None
) -> TiffReader:
    """Open a TIFF; its structure is read, no pixels are.

    Gray with alpha becomes RGBA, palettes RGB, CMYK sRGB where the file has a profile. Samples
    that are no colours become an axis C. Axes that the file names otherwise than T, Z or C, or
    not at all, get the free ones of these in this order.

    Parameters
    ----------
    series : int, optional
        Which image of a file with several, from 0.
    """
    import tifffile

    with decoding(path):
        # Other files that an OME-XML names are left alone: one file in, one file out.
        tiff = tifffile.TiffFile(stream, name=path.name, _multifile=False)
        if series is None:
            _refuse_motley(path, tiff)
        chosen, number = _choose(path, list(tiff.series), series)
        key = chosen.keyframe
        _check_size(path, key, max_pixels)
        try:
            colour = colour_of(key, chosen.kind == "imagej")
        except ValueError as why:
            raise ImageFileError(f"{path}: has {why}") from why
        if key.axes not in ("YX", "YXS", "SYX"):
            raise ImageFileError(f"{path}: has blocks of several slices; save it plane by plane")
        leading, lengths = _leading(path, chosen, colour)
        turned = _turned(key)
        plane = turned_shape((key.imagelength, key.imagewidth), turned)
        shape = (*lengths, *plane, *((colour.samples,) if colour.samples > 1 else ()))
        check_stack(
            path, shape, prod(lengths) * prod(plane), colour.dtype.itemsize, file_size(stream),
            max_pixels,
        )  # fmt: skip
        if chosen.dataoffset is None and any(page is None for page in chosen):
            raise ImageFileError(
                f"{path}: some of its planes are missing or in other files; save it as one file"
            )
        kind = {"ome": "ome-tiff", "imagej": "imagej-tiff"}.get(chosen.kind, "tiff")
        info = ImageInfo(
            path=path,
            format=kind,
            shape=shape,
            dtype=colour.dtype,
            axes=f"{leading}YX{'S' if colour.samples > 1 else ''}",
            bits=key.bitspersample,
            metadata=read_metadata(tiff, key, kind, number, stream, plane),
        )
    return TiffReader(info, stream, max_pixels, tiff, chosen, colour, turned)


def _refuse_motley(path: Path, tiff: Any) -> None:
    """Refuse files of very many images, which tifffile would compare each with each.

    A few pages are looked at, spread over the file: a stack is of one kind, and a pyramid has
    few pages.
    """
    pages = len(tiff.pages)
    if ome.planes_claimed(tiff.ome_metadata or "") > tiff.filehandle.size:
        raise ImageFileError(f"{path}: claims more planes than it can have; it is damaged")
    if pages <= _FEW_PAGES and len(tiff.pages.first.subifds or ()) <= _FEW_PAGES:
        return
    looked_at = [tiff.pages[i] for i in range(0, pages, -(-pages // _FEW_PAGES))]
    kinds = {(page.shape, str(page.dtype)) for page in looked_at}
    if len(kinds) > 8 or any(len(page.subifds or ()) > _FEW_PAGES for page in looked_at):
        raise ImageFileError(
            f"{path}: holds very many images of different kinds, of which only one would be kept;"
            " save each to a file of its own"
        )


def _choose(path: Path, every: list[Any], number: int | None) -> tuple[Any, int]:
    if number is not None and not 0 <= number < len(every):
        raise ImageFileError(f"{path}: has {len(every)} images, none with the number {number}")
    if number is None:
        # Previews beside the picture are copies, and so are pages that only say what is opaque.
        main = [i for i, s in enumerate(every) if not (s.keyframe.is_reduced or s.keyframe.is_mask)]
        main = main or list(range(len(every)))
        if not main:
            raise ImageFileError(f"{path}: is a TIFF without an image")
        if len(main) > 1:
            raise ImageFileError(
                f"{path}: holds {len(main)} images of different kinds, of which only one would be"
                " kept; save each to a file of its own"
            )
        number = main[0]
    return every[number], number


def _check_size(path: Path, key: Any, max_pixels: int) -> None:
    # A hostile file may have thousands of samples a pixel, or one tile larger than the image.
    many = max(1, key.samplesperpixel // 4)
    check_plane(path, key.imagelength * many, key.imagewidth, max_pixels)
    if key.is_tiled:
        check_plane(path, key.tilelength * many, key.tilewidth, max_pixels)
    if key.imagedepth > 1 or key.tiledepth > 1:
        raise ImageFileError(f"{path}: has blocks of several slices; save it plane by plane")


def _leading(path: Path, series: Any, colour: TiffColour) -> tuple[str, tuple[int, ...]]:
    """Return names and lengths of the axes before Y and X."""
    inner = len(series.keyframe.shape)
    named, lengths = series.axes[:-inner], tuple(series.shape[:-inner])
    if tuple(series.shape[-inner:]) != tuple(series.keyframe.shape):
        raise ImageFileError(f"{path}: its axes {series.axes} do not fit its pages")
    if colour.channels > 1:
        named, lengths = f"{named}C", (*lengths, colour.channels)
    axes = ""
    for i, axis in enumerate(named):
        taken = axes + "".join(a for a in named[i + 1 :] if a in "TZC")
        if axis not in "TZC" or axis in axes:
            axis = next((a for a in "TZC" if a not in taken), "")  # noqa: PLW2901
        if not axis:
            raise ImageFileError(
                f"{path}: has the axes {series.axes}, more than time, slice and channel;"
                " save it as several stacks"
            )
        axes += axis
    return axes, lengths


def _turned(page: Any) -> int:
    with suppress(KeyError, TypeError, ValueError):
        value = int(page.tags[_ORIENTATION].value)
        return value if 1 <= value <= 8 else 1
    return 1


def _refuse_cut_off(page: Any, size: int) -> None:
    """Raise where tifffile would fill up with zeros what a truncated file lacks."""
    segments = list(zip(page.dataoffsets, page.databytecounts, strict=True))
    if any(count and start + count > size for start, count in segments):
        raise ValueError("its pixel data are cut off")
    key = page.keyframe
    sparse = any(not count for _, count in segments)
    if int(key.compression) == 1 and not sparse and key.bitspersample % 8 == 0:
        needed = key.imagelength * key.imagewidth * key.samplesperpixel * (key.bitspersample // 8)
        if sum(count for _, count in segments) < needed:
            raise ValueError("its pixel data are incomplete")
