"""The tags of a TIFF: microscopes, maps and image editors keep theirs in private ones."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, BinaryIO

from irrm_core.archive.classes.unkept.words import CMYK, LITTLE
from irrm_core.errors import ImageFileError
from irrm_core.imagefile.source import decoding

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

logger = logging.getLogger(__name__)

_SEPARATED = 5
_RGB = (3, 8)  # samples, bits
_BASELINE = range(254, 533)
# Those of a page that say how its pixels are laid out or compressed, or that are carried along:
# the texts, camera, resolution, XMP, profile, EXIF and GPS. Of the baseline all others that are
# short, such as the type of a computer, do not matter.
_STRUCTURE = frozenset(
    {254, 255, 256, 257, 258, 259, 262, 263, 264, 265, 266, 273, 274, 277, 278, 279, 280, 281}
    | {282, 283, 284, 288, 289, 290, 291, 292, 293, 296, 301, 306, 317, 318, 319, 320, 321, 322}
    | {323, 324, 325, 326, 327, 328, 330, 334, 338, 339, 340, 341, 347, 512, 513, 514, 515, 517}
    | {518, 519, 520, 521, 529, 530, 531, 532, 32995, 32996, 32997, 32998}
)
_TEXTS = frozenset({270, 271, 272, 305, 315, 33432})
_OF_A_PAGE = _TEXTS | {306}  # and the time
_SHAPED = frozenset({"shape", "axes", "truncate"})
_BLOCKS = frozenset({700, 34665, 34675, 34853})
_IMAGEJ = frozenset({50838, 50839})
_NAMES = {
    33628: "MetaMorph",
    33723: "IPTC",
    33550: "a map",
    34377: "Photoshop",
    34412: "Zeiss LSM",
    34682: "an FEI microscope",
    34735: "a map",
    37724: "Photoshop, such as layers",
    42113: "a map",
    51123: "Micro-Manager",
}


def lost(path: Path, stream: BinaryIO) -> str | None:
    """Return what an LR file of a TIFF would lose; None if nothing."""
    import tifffile

    try:
        stream.seek(0)
        with decoding(path), tifffile.TiffFile(stream, name="i.tif", _multifile=False) as tiff:
            if tiff.is_scanimage:
                return "it carries settings of ScanImage, which an LR file does not keep"
            if any(fields.keys() - _SHAPED for fields in tiff.shaped_metadata or ()):
                return "its description has fields that an LR file does not keep"
            # Counted first: that notices a chain of pages that bites its tail, iteration does not.
            pages = (tiff.pages[number].aspage() for number in range(len(tiff.pages)))
            return _lost(tiff.is_imagej, pages)
    except ImageFileError as error:
        logger.debug("%s: its tags cannot be read (%s)", path, error)
        return None


def _lost(imagej: bool, pages: Iterable[Any]) -> str | None:
    first: dict[int, Any] | None = None
    kept = _STRUCTURE | _BLOCKS | _TEXTS | (_IMAGEJ if imagej else frozenset())
    for number, page in enumerate(pages, 1):
        if page.photometric == _SEPARATED:
            return CMYK
        if page.is_mask:
            return "one of its pages is a mask, which an LR file does not keep"
        if page.is_reduced:
            continue  # a preview is a copy
        if (
            imagej
            and page.samplesperpixel > 1
            and (page.samplesperpixel, page.bitspersample) != _RGB
        ):
            # As which they are restored: ImageJ has a place for its own with stacks and RGB only.
            return "it carries data of ImageJ, which an LR file of 16-bit colours does not keep"
        for tag in page.tags:
            if tag.code not in kept and not _short(tag):
                name = _NAMES.get(tag.code, f"some program (tag {tag.code})")
                return f"it carries data of {name}, which an LR file does not keep"
        texts = {tag.code: tag.value for tag in page.tags if tag.code in _OF_A_PAGE}
        if first is None:
            first = texts
        elif not page.is_shaped and any(
            str(text).strip() and text != first.get(code) for code, text in texts.items()
        ):
            return (
                f"its page {number} has a text or time of its own, which an LR file does not keep"
            )
    return None


def _short(tag: Any) -> bool:
    return tag.code in _BASELINE and tag.valuebytecount <= LITTLE
