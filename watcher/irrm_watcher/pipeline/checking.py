"""In a worker: read an original once more before it is taken away, and before it is deleted."""

from __future__ import annotations

import hashlib
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from irrm_core.archive.recall import StorePools, write_content
from irrm_core.errors import DigestMismatchError, ImageFileError, SourceChangedError
from irrm_watcher.failpoints import reach
from irrm_watcher.pipeline.jobs import Hashed, Recheck
from irrm_watcher.pipeline.look import Look, look_at

if TYPE_CHECKING:
    from irrm_core.archive.store import Store
    from irrm_core.progress import Cancel, Progress

PSNR_TOLERANCE = 0.1
"""dB by which a restoration may be worse on another machine or version of torch."""

_PART = 1 << 20


def hashed(path: Path, cancel: Cancel) -> Hashed:
    """Hash a file that does not change meanwhile.

    Raises
    ------
    SourceChangedError
        It changed, or is gone.
    ImageFileError
        It cannot be read.
    """
    reach("before-hash")
    digest = hashlib.sha256()
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError as why:
        raise SourceChangedError(f"{path}: is gone") from why
    except OSError as why:
        raise ImageFileError(f"{path}: cannot be read ({why.strerror})") from why
    try:
        look = Look.of(os.fstat(handle))
        while part := os.read(handle, _PART):
            cancel.check()
            digest.update(part)
        if Look.of(os.fstat(handle)) != look or look_at(path) != look:
            raise SourceChangedError(f"{path}: changed while it was read")
    except SourceChangedError:
        raise
    except OSError as why:
        raise ImageFileError(f"{path}: cannot be read ({why.strerror}); check its disk") from why
    finally:
        os.close(handle)
    reach("after-hash")
    return Hashed(digest.hexdigest(), look)


def rechecked(
    job: Recheck, store: Store, options: dict[str, Any], cancel: Cancel, progress: Progress
) -> Hashed:
    """Restore an entry once more and compare it with its original, which lies in quarantine.

    An exact file must give the original's bytes, or pixels where no more was asked for. An LR
    file must be what the catalogue says, restore to what its record says, and that must be as
    near to the original as when it was archived.

    Raises
    ------
    SourceChangedError
        The original is not the one that was archived.
    NotRestorableError
        The store does not give it back; the original must not be deleted.
    ImageFileError
        It cannot be read.
    """
    reach("before-recheck")
    entry = job.entry
    original = hashed(job.original, cancel)
    if original.sha256 != entry.sha256:
        raise SourceChangedError(
            f"{job.original}: is not what was archived; somebody changed it in quarantine"
        )
    pool = StorePools(store, **options).of(entry)
    scratch = store.spool / f"{secrets.token_hex(8)}.recheck"
    try:
        write_content(entry, store, scratch, pool, name=os.fsdecode(entry.path), progress=progress)
        if entry.measured.get("form") == "jxl-pixels":
            _same_pixels(scratch, job.original)
    finally:
        with suppress(OSError):
            scratch.unlink(missing_ok=True)
    if entry.storage == "lr":
        _near_enough(job, store, pool, cancel, progress)
    reach("after-recheck")
    return original


def _same_pixels(restored: Path, original: Path) -> None:
    import numpy as np

    from irrm_core.imagefile import read_image

    if not np.array_equal(read_image(restored)[0], read_image(original)[0]):
        raise DigestMismatchError(
            f"{original}: the store gives other pixels; the original stays in quarantine. Let "
            "`irrm-watch check` look at the store"
        )


def _near_enough(job: Recheck, store: Store, pool: Any, cancel: Cancel, progress: Progress) -> None:
    from irrm_core.archive.gate import Delivery, Floors, judge
    from irrm_core.archive.lrfile import read_lr_file
    from irrm_core.imagefile import open_image

    lr_file = store.stored(job.entry.stored_path or b"")
    weights = read_lr_file(lr_file).record.weights_hash
    with open_image(job.original) as image:
        verdict = judge(
            lr_file,
            image,
            pool.for_weights(weights),
            Floors(None, None),
            Delivery.parse(str(job.entry.measured.get("deliver", "lossless"))),
            cancel=cancel,
            progress=progress,
        )
    measured, expected = verdict.report.psnr, job.entry.measured.get("psnr")
    if expected is not None and not measured >= expected - PSNR_TOLERANCE:
        raise DigestMismatchError(
            f"{lr_file}: restores at {measured:.2f} dB, and had {expected:.2f} dB when it was "
            "archived; the original stays in quarantine. Let `irrm-watch check` look at the store"
        )
