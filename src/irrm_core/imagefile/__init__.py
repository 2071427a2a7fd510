"""Read and write image files with their metadata, plane by plane.

Names are loaded when they are first used: who only writes a file whole needs no numpy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from irrm_core.lazily import names_of

if TYPE_CHECKING:
    from irrm_core.imagefile.atomic import atomic_output, refuse_existing, remove_leftovers
    from irrm_core.imagefile.files import (
        FORMATS,
        READABLE_SUFFIXES,
        format_for,
        open_image,
        read_image,
        write_image,
    )
    from irrm_core.imagefile.metadata import PixelSize, SourceMetadata
    from irrm_core.imagefile.reader import ImageInfo, ImageReader
    from irrm_core.imagefile.records import read_record
    from irrm_core.imagefile.source import DEFAULT_MAX_PIXELS

_HOMES = {
    "atomic": ("atomic_output", "refuse_existing", "remove_leftovers"),
    "files": (
        "FORMATS",
        "READABLE_SUFFIXES",
        "format_for",
        "open_image",
        "read_image",
        "write_image",
    ),
    "metadata": ("PixelSize", "SourceMetadata"),
    "reader": ("ImageInfo", "ImageReader"),
    "records": ("read_record",),
    "source": ("DEFAULT_MAX_PIXELS",),
}

__all__ = [
    "DEFAULT_MAX_PIXELS",
    "FORMATS",
    "READABLE_SUFFIXES",
    "ImageInfo",
    "ImageReader",
    "PixelSize",
    "SourceMetadata",
    "atomic_output",
    "format_for",
    "open_image",
    "read_image",
    "read_record",
    "refuse_existing",
    "remove_leftovers",
    "write_image",
]


if not TYPE_CHECKING:  # so that a type checker sees the names above, and no others
    __getattr__ = names_of(__name__, _HOMES)
