"""From a file to the exact file that gives it back."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from irrm_core.archive.catalogue.states import StorageClass
from irrm_core.archive.exact import boxes, frames
from irrm_core.archive.exact.decoding import decode_stream
from irrm_core.archive.exact.forms import BODY, EXACT, ExactForm
from irrm_core.archive.exact.needed import needed
from irrm_core.archive.provenance import KEY
from irrm_core.errors import NotRestorableError, SourceChangedError
from irrm_core.progress import Cancel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from irrm_core.archive.provenance import Provenance

_JPEG = b"\xff\xd8\xff"
_LARGEST_JPEG = 1 << 28  # transcoding takes the whole file, and its coefficients, in memory


def encode_exact(
    spooled: str | os.PathLike[str],
    target: BinaryIO,
    provenance: Provenance,
    *,
    pixels: bool = False,
    cancel: Cancel | None = None,
) -> ExactForm:
    """Write the exact file of a file, and decode it again before it counts.

    A JPEG is transcoded to JPEG XL, if that gives back its bytes and is smaller; all other
    files are compressed by zstd, whatever their size, in bounded memory.

    Parameters
    ----------
    spooled : path
        A copy of the original that nobody writes.
    target : BinaryIO
        Empty, open for reading and writing; synced when this returns.
    provenance : Provenance
        Of the original. It is embedded with the class and, under ``measured["form"]``, the
        form; `read_provenance` gives it as it was embedded.
    pixels : bool
        Try lossless JPEG XL of the pixels of a PNG or TIFF of one plane: smaller, and what
        comes back is another file with the same pixels.
    cancel : Cancel, optional
        Asked before each megabyte.

    Returns
    -------
    ExactForm
        What was written.

    Raises
    ------
    SourceChangedError
        The file is not the one of the provenance: the hash differs.
    NotRestorableError
        What was written does not come back: memory or disk are failing.
    UsageError
        A codec is not installed; the message names it.
    """
    path, cancel = Path(spooled), cancel or Cancel()
    if pixels:
        from irrm_core.archive.exact.pixels import pixels_container

        made = pixels_container(path, provenance.path)
        if made is not None:
            container, more = made
            cancel.check()
            if _fits(container, target, provenance, ExactForm.jxl_pixels, more, cancel):
                return ExactForm.jxl_pixels
    jpeg = _jpeg_container(path)
    cancel.check()
    if jpeg is not None and _fits(jpeg, target, provenance, ExactForm.jxl_jpeg, {}, cancel):
        return ExactForm.jxl_jpeg
    _empty(target)
    with path.open("rb") as source:
        record = _record(provenance, ExactForm.zstd, {})
        frames.write_zstd(source, target, record, cancel)
    _settle(target)
    try:
        decode_stream(target, None, cancel)
    except NotRestorableError as error:
        if _hash(path) != provenance.sha256:
            raise SourceChangedError(
                f"{path}: is not the file that was hashed; try again when it is quiet"
            ) from error
        raise NotRestorableError(
            f"{path}: what was written for it does not come back ({error}); check the disk and "
            "the memory of this machine"
        ) from error
    return ExactForm.zstd


def _fits(
    container: bytes,
    target: BinaryIO,
    provenance: Provenance,
    form: ExactForm,
    more: Mapping[str, Any],
    cancel: Cancel,
) -> bool:
    """Write a container with its record; return whether it comes back and saves anything."""
    if len(container) >= provenance.size:
        return False
    more = {**more, BODY: hashlib.sha256(container).hexdigest()}
    whole = boxes.with_boxes(container, (boxes.RECORD, _record(provenance, form, more)))
    _empty(target)
    target.write(whole)
    _settle(target)
    try:
        decode_stream(target, None, cancel)
    except NotRestorableError:
        return False
    return True


def _jpeg_container(path: Path) -> bytes | None:
    with path.open("rb") as stream:
        if stream.read(len(_JPEG)) != _JPEG or path.stat().st_size > _LARGEST_JPEG:
            return None
        stream.seek(0)
        content = stream.read()
    imagecodecs: Any = needed("imagecodecs")
    try:
        container = imagecodecs.jpegxl_encode_jpeg(content, usecontainer=True, numthreads=1)
    except (RuntimeError, ValueError, MemoryError):
        return None  # CMYK, arithmetic coding, damaged: such a JPEG is a file like any other
    return bytes(container)


def _record(provenance: Provenance, form: ExactForm, more: Mapping[str, Any]) -> bytes:
    from irrm_core.archive.envelope import Envelope

    embedded = replace(
        provenance,
        storage=StorageClass.exact,
        measured={**provenance.measured, "form": str(form)},
        model=None,
        weights_hash=None,
        scale=None,
    )
    return Envelope(EXACT, {KEY: embedded.to_fields(), **more}).to_bytes()


def _empty(target: BinaryIO) -> None:
    target.seek(0)
    target.truncate()


def _settle(target: BinaryIO) -> None:
    """Let what was written reach the disk, and be read from there."""
    target.flush()
    with suppress(OSError, AttributeError):  # nothing on a disk, such as io.BytesIO
        handle = target.fileno()
        os.fsync(handle)
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)


def _hash(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
