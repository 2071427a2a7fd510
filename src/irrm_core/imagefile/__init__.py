"""Read and write image files with their metadata, plane by plane."""

from irrm_core.imagefile.atomic import atomic_output, refuse_existing, remove_leftovers
from irrm_core.imagefile.files import (
    FORMATS,
    READABLE_SUFFIXES,
    format_for,
    open_image,
    read_image,
    read_record,
    write_image,
)
from irrm_core.imagefile.metadata import PixelSize, SourceMetadata
from irrm_core.imagefile.reader import ImageInfo, ImageReader
from irrm_core.imagefile.source import DEFAULT_MAX_PIXELS

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
