"""The pixels of an image as lossless JPEG XL: another file with the same pixels comes back.

What the pixels do not hold, such as a profile, EXIF or the size of a pixel, travels in a box of
its own as a picture of one pixel with the original's metadata, in the original's format.
"""

from __future__ import annotations

import io
import tempfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, BinaryIO

from irrm_core.archive.exact import boxes
from irrm_core.archive.exact.forms import PIXELS
from irrm_core.archive.exact.needed import needed
from irrm_core.errors import IrrmError, NotRestorableError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from irrm_core.imagefile import ImageInfo

_METADATA = b"irMd"
_MOST_METADATA = 1 << 28
_EFFORT = 7
_FORMATS = {".png": ("png",), ".tif": ("tiff", "ome-tiff", "imagej-tiff")}
_FORMATS[".tiff"] = _FORMATS[".tif"]


def pixels_container(path: Path, name: bytes) -> tuple[bytes, Mapping[str, Any]] | None:
    """Return an image as a JPEG XL container, and fields for the record that goes with it.

    Parameters
    ----------
    path : Path
        The image.
    name : bytes
        Path of the original: only what is named as the PNG or TIFF that comes back will do.

    Returns
    -------
    tuple or None
        None where the image is not of one plane of 8 or 16 bits, or would not come back with
        its pixels: it is a file like any other.
    """
    from irrm_core.engine import hash_pixels
    from irrm_core.imagefile import open_image, read_image

    imagecodecs: Any = needed("imagecodecs")
    suffix = PurePosixPath(name.decode("utf-8", "replace")).suffix.lower()
    try:
        with open_image(path) as reader:
            info = reader.info
            if info.format not in _FORMATS.get(suffix, ()) or not _is_plane(info):
                return None
            image = reader.read()
        metadata = _file(image[:1, :1], info)
        content = bytes(
            imagecodecs.jpegxl_encode(
                image, lossless=True, effort=_EFFORT, usecontainer=True, numthreads=1
            )
        )
        with tempfile.TemporaryDirectory(prefix="irrm-") as folder:
            # What would come back, as everybody's reader sees it.
            again = Path(folder) / "again"
            again.write_bytes(_file(image, info))
            same = hash_pixels(read_image(again)[0]) == hash_pixels(image)
    except (IrrmError, RuntimeError, ValueError, MemoryError):
        return None
    if not same:
        return None
    fields = {"hash": hash_pixels(image), "shape": list(image.shape)}
    return boxes.with_boxes(content, (_METADATA, metadata)), {PIXELS: fields}


def write_pixels(container: bytes, target: BinaryIO | None, fields: object) -> None:
    """Write the image that a container holds, its pixels verified.

    Raises
    ------
    NotRestorableError
        It does not hold the pixels of the original.
    """
    from irrm_core.engine import hash_pixels
    from irrm_core.imagefile import read_image

    imagecodecs: Any = needed("imagecodecs")
    if not isinstance(fields, dict):
        raise NotRestorableError("the record says nothing of the pixels; it is damaged")
    try:
        image = imagecodecs.jpegxl_decode(container, numthreads=1).reshape(fields.get("shape"))
    except (RuntimeError, ValueError, TypeError, MemoryError) as why:
        raise NotRestorableError(f"cannot be decoded ({why})") from why
    if hash_pixels(image) != fields.get("hash"):
        raise NotRestorableError("decodes to other pixels than the original's")
    if target is not None:
        metadata = boxes.read_box(io.BytesIO(container), _METADATA, _MOST_METADATA) or b""
        with tempfile.TemporaryDirectory(prefix="irrm-") as folder:
            carrier = Path(folder) / "metadata"
            carrier.write_bytes(metadata)
            info = read_image(carrier)[1]
        target.write(_file(image, info))


def _is_plane(info: ImageInfo) -> bool:
    return info.axes in ("YX", "YXS") and info.dtype.name in ("uint8", "uint16")


def _file(image: NDArray[Any], info: ImageInfo) -> bytes:
    from irrm_core.imagefile import write_image

    with tempfile.TemporaryDirectory(prefix="irrm-") as folder:
        path = Path(folder) / "image"
        write_image(path, image, axes=info.axes, metadata=info.metadata, format=info.format)
        return path.read_bytes()
