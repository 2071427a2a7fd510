"""Thumbnails: the LR files themselves, which are small pictures already."""

from __future__ import annotations

import os
import tempfile
from collections import OrderedDict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from irrm_core.archive.catalogue import StorageClass
from irrm_core.errors import IrrmError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from irrm_core.archive.catalogue import Entry
    from irrm_core.imagefile import ImageReader
    from napari_irrm.storage.background import Asked
    from napari_irrm.storage.browser import StoreBrowser

    Picture = NDArray[np.uint8]

_KEPT = 1000
_MOST_PIXELS = 50_000_000  # of a plane that is decoded for a thumbnail
_MOST_BYTES = 50_000_000  # of an original that is unpacked for one
_DARK, _BRIGHT = 0.5, 99.5  # percentiles that become black and white


class Thumbnails:
    """Makes thumbnails in a thread and keeps the last thousand; used on the viewer's thread.

    Parameters
    ----------
    browser : StoreBrowser
        That has the files.
    background : Asked
        That decodes them, best the newest first.
    side : int
        Of a thumbnail, in pixels.
    arrived : callable
        Told the entry of each thumbnail that is there now.
    """

    def __init__(
        self,
        browser: StoreBrowser,
        background: Asked,
        side: int,
        arrived: Callable[[Entry], None],
    ) -> None:
        self._browser = browser
        self._background = background
        self._side = side
        self._arrived = arrived
        # By content: entries are numbered anew when a catalogue is rebuilt.
        self._known: OrderedDict[str, Picture | None] = OrderedDict()

    def of(self, entry: Entry) -> Picture | None:
        """Return a thumbnail (H, W, 3 or 4); None while it is made, or if there can be none."""
        key = entry.stored_sha256
        if key is None or not entry.archived:
            return None
        if key in self._known:
            self._known.move_to_end(key)
            return self._known[key]

        def made(picture: Picture | None) -> None:
            self._known[key] = picture
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
            self._arrived(entry)

        self._background.ask(
            ("thumbnail", key),
            partial(thumbnail, entry, self._browser, self._side),
            made,
            lambda _: made(None),
            replace=False,
        )
        return self._known.get(key)


def thumbnail(entry: Entry, browser: StoreBrowser, side: int) -> Picture | None:
    """Decode a stored file to a small picture; None where it is none, or a very large one.

    Nothing is verified: a thumbnail is for looking.
    """
    from irrm_core.archive.formats import is_image_name

    stored = browser.stored(entry)
    if entry.storage is StorageClass.lr:
        return _picture(stored, side)
    name = Path(os.fsdecode(entry.path))
    if not is_image_name(name) or entry.size > _MOST_BYTES:
        return None
    from irrm_core.archive.exact import decode_exact

    with tempfile.TemporaryDirectory(prefix="irrm-thumbnail-") as folder:
        unpacked = Path(folder) / f"picture{name.suffix}"
        try:
            with unpacked.open("wb") as stream:
                decode_exact(stored, stream)
        except IrrmError:
            return None  # a codec that is not installed, or a damaged file
        return _picture(unpacked, side)


def _picture(path: Path, side: int) -> Picture | None:
    from irrm_core.imagefile import open_image

    try:
        with open_image(path, max_pixels=_MOST_PIXELS) as reader:
            return shrunk(_plane(reader), side)
    except IrrmError:
        return None


def _plane(reader: ImageReader) -> NDArray[Any]:
    """Return the plane in the midst of a stack, of its first channel."""
    leading = reader.info.axes[: len(reader.info.leading_shape)]
    sizes = zip(leading, reader.info.leading_shape, strict=True)
    return reader.plane(tuple(0 if axis == "C" else size // 2 for axis, size in sizes))


def shrunk(plane: NDArray[Any], side: int) -> Picture:
    """Return a plane (H, W), (H, W, 3) or (H, W, 4) as a picture of at most `side` pixels.

    Intensities that are not uint8 are stretched to what most of them lie in.
    """
    step = -(-max(plane.shape[:2]) // side)
    rows, columns = (max(size // step, 1) for size in plane.shape[:2])
    # Means of blocks; of an image that is thin, what there is.
    high, wide = min(step, plane.shape[0]), min(step, plane.shape[1])
    cut = plane[: rows * high, : columns * wide]
    blocks = cut.reshape(rows, high, columns, wide, *plane.shape[2:])
    small = blocks.mean(axis=(1, 3), dtype=np.float32)
    if plane.dtype != np.uint8:
        shown = small[np.isfinite(small)]
        dark, bright = np.percentile(shown, (_DARK, _BRIGHT)) if shown.size else (0, 0)
        small = (np.nan_to_num(small) - dark) * (255 / max(bright - dark, 1e-9))
    picture: Picture = small.clip(0, 255).astype(np.uint8)
    return picture if picture.ndim == 3 else np.repeat(picture[..., None], 3, axis=2)
