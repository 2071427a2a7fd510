"""What a file holds beside the picture that is read, which its LR file would lose.

The gate compares pixels, and pixels are not all that people keep in an image: captions, second
pictures, layers, the settings of a microscope. Metadata that are carried along are known by name
here; a file with anything else of weight is not made an LR file, however good its pixels.
"""

from __future__ import annotations

import mmap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_JPEG, _PNG, _WEBP = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF"
_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_HEAD = 12


def lost_beside(path: Path) -> str | None:
    """Return what an LR file of an image would lose; None if nothing.

    A file that cannot be read is not this function's to report.
    """
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
        if head.startswith(_TIFF):
            from irrm_core.archive.classes.unkept import tiff

            return tiff.lost(path, stream)
        if head[4:8] == b"ftyp":
            # Read with 8 bits, whatever it has; and these files hold gain maps and depth, too.
            return "is AVIF, of which an LR file may keep less than there is"
        if len(head) < _HEAD:
            return None
        with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
            if head.startswith(_JPEG):
                from irrm_core.archive.classes.unkept import jpeg

                return jpeg.lost(data)
            if head.startswith(_PNG):
                from irrm_core.archive.classes.unkept import png

                return png.lost(data)
            if head.startswith(_WEBP):
                from irrm_core.archive.classes.unkept import webp

                return webp.lost(data)
    return None
