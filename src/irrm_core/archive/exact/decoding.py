"""From an exact file to what it was made of: the same bytes, or an error."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from irrm_core.archive.exact import boxes, frames
from irrm_core.archive.exact.forms import BODY, PIXELS, ExactForm, envelope_in
from irrm_core.archive.exact.needed import needed
from irrm_core.archive.provenance import KEY, Provenance
from irrm_core.errors import ImageFileError, NoRecordError, NotRestorableError
from irrm_core.progress import Cancel

if TYPE_CHECKING:
    import os

    from irrm_core.archive.envelope import Envelope


def decode_exact(
    archive_file: str | os.PathLike[str],
    target: BinaryIO | None = None,
    *,
    cancel: Cancel | None = None,
) -> Provenance:
    """Write the original that an exact file holds, verified.

    Parameters
    ----------
    archive_file : path
        The exact file.
    target : BinaryIO, optional
        Takes the bytes. On an error it may have taken wrong ones, which the caller must
        throw away; `atomic_output` does. Without it the file is only verified.
    cancel : Cancel, optional
        Asked before each megabyte.

    Returns
    -------
    Provenance
        Of the original, whose SHA-256 was that of the bytes written; of form ``jxl-pixels``
        the pixels were those of the original.

    Raises
    ------
    NotRestorableError
        The file is damaged or from a newer version, or decodes to something else.
    NoRecordError
        It is no exact file.
    ImageFileError
        It cannot be read.
    UsageError
        A codec is not installed; the message names it.
    """
    path = Path(archive_file)
    try:
        stream = path.open("rb")
    except OSError as why:
        raise ImageFileError(
            f"{path}: cannot be read ({why.strerror or why}); check its disk and permissions"
        ) from why
    with stream:
        try:
            return decode_stream(stream, target, cancel or Cancel())
        except NotRestorableError as error:
            raise type(error)(
                f"{path}: {error}; bring the file back from a backup of the store"
            ) from error


def decode_stream(stream: BinaryIO, target: BinaryIO | None, cancel: Cancel) -> Provenance:
    """Do what `decode_exact` does, of an open file; errors do not name it."""
    envelope = envelope_in(stream)
    if envelope is None:
        raise NoRecordError("is no exact file")
    origin = Provenance.from_fields(envelope.fields.get(KEY))
    form = origin.measured.get("form")
    if form == ExactForm.zstd:
        frames.read_frame(stream)
        digest = frames.read_zstd(stream, target, origin.size, cancel)
    elif form == ExactForm.jxl_jpeg:
        digest = _write_jpeg(_container(stream, envelope), target)
    elif form == ExactForm.jxl_pixels:
        from irrm_core.archive.exact.pixels import write_pixels

        write_pixels(_container(stream, envelope), target, envelope.fields.get(PIXELS))
        return origin
    else:
        raise NotRestorableError(f"is of the unknown form {form!r:.40}; update napari-irrm")
    if digest != origin.sha256:
        raise NotRestorableError("is damaged: it decodes to something else than the original")
    return origin


def _container(stream: BinaryIO, envelope: Envelope) -> bytes:
    """Return a JPEG XL file without the record, once it is known to be what was written."""
    stream.seek(0)
    container = boxes.without_box(stream.read(), boxes.RECORD)
    if hashlib.sha256(container).hexdigest() != envelope.fields.get(BODY):
        raise NotRestorableError("is damaged: it is not what was written")
    return container


def _write_jpeg(container: bytes, target: BinaryIO | None) -> str:
    imagecodecs: Any = needed("imagecodecs")
    try:
        content = imagecodecs.jpegxl_decode_jpeg(container, numthreads=1)
    except (RuntimeError, ValueError, MemoryError) as why:
        raise NotRestorableError(f"cannot be decoded ({why})") from why
    if target is not None:
        target.write(content)
    return hashlib.sha256(content).hexdigest()
