"""The candidate of class ``lr``: made, gated, and written once more with what was measured.

A record that holds the gate's measurements cannot be written before the gate has read the file.
So the file is written twice: first with a plain record, which the gate reads back from the disk
and restores; then, from the same pixels, with digest and measurements in the record. The second
file is read back as well, and counts only if its pixels have the hash that the gate restored
from, and record and side data are those that it was given: it then restores to what was judged.
That costs a second encoding of a picture of a quarter of the size, and no second run of a network.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from irrm_core.archive.carried import lr_metadata
from irrm_core.archive.classes.refusal import StoreWriteError
from irrm_core.archive.envelope import pack_side_data
from irrm_core.archive.formats import SUFFIXES, lr_format
from irrm_core.archive.lrfile import lr_envelope, read_envelope
from irrm_core.archive.lrpixels import LrPixels
from irrm_core.engine import Layout, RestoreRecord, hash_pixels
from irrm_core.errors import NotRestorableError, UsageError
from irrm_core.imagefile import DEFAULT_MAX_PIXELS, open_image, write_image
from irrm_core.imagefile.atomic import temporary_beside
from irrm_core.metrics.ssim import WINDOW

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from typing import Any

    from irrm_core.archive.choice import RescalerPool
    from irrm_core.archive.classes.facts import SourceFacts
    from irrm_core.archive.classes.rule import Rule
    from irrm_core.archive.gate import Verdict
    from irrm_core.engine import Downscaled, Rescaler
    from irrm_core.imagefile import SourceMetadata
    from irrm_core.progress import Cancel, Progress


class Targets(Protocol):
    """Where archive files belong: a store, or any folder with names of its own."""

    def target(self, root: str, path: bytes, version: int, suffix: str) -> Path:
        """Return where the archive file of an original belongs; nothing is made."""


@dataclass(frozen=True)
class Small:
    """An LR file that the gate has not seen.

    Attributes
    ----------
    temporary, target : Path
        Where it lies, synced, and where it shall be.
    size : int
        Its bytes, measurements not yet counted.
    made : Downscaled
        Its content.
    rescaler : Rescaler
        That made it.
    metadata : SourceMetadata
        Of the original, as they are true of the LR.
    side : bytes
        Packed side data; empty for most images.
    format : str
        A key of `SUFFIXES`.
    """

    temporary: Path
    target: Path
    size: int
    made: Downscaled
    rescaler: Rescaler
    metadata: SourceMetadata
    side: bytes
    format: str


def make_small(
    spooled: Path,
    facts: SourceFacts,
    rule: Rule,
    store: Targets,
    pool: RescalerPool,
    *,
    before_writing: Callable[[Path], None],
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Small:
    """Downscale an image into a temporary file beside its target; runs the network once.

    `before_writing` is called with the temporary path before anything is written there.

    Raises
    ------
    ImageFileError, ImageDataError, UsageError, OutOfMemoryError
        The image is damaged, or not one that can be downscaled.
    StoreWriteError
        The store cannot be written.
    Cancelled
        Nothing is left behind.
    """
    with open_image(spooled, max_pixels=_max_pixels(rule)) as reader:
        info = reader.info
        layout = Layout(info.axes, info.shape)
        if min(layout.height, layout.width) < WINDOW:
            raise UsageError(
                f"is only {layout.width}x{layout.height} pixels large, too small to be judged"
            )
        chosen = lr_format(info, None, rule.format)
        rescaler = pool.for_colours(layout.colours)
        made = rescaler.downscale(
            reader, axes=info.axes, nonfinite="fill", progress=progress, cancel=cancel
        )
    record = replace(made.record, source_hash=facts.sha256, source_size=facts.size)
    # As a reader of the file gets it, rounded as the file has it.
    made = replace(made, record=RestoreRecord.from_dict(record.to_dict()))
    target = store.target(facts.root, facts.path, facts.version, SUFFIXES[chosen])
    small = Small(
        temporary=temporary_beside(target),
        target=target,
        size=0,
        made=made,
        rescaler=rescaler,
        metadata=lr_metadata(info.metadata, made.record),
        side=pack_side_data(made.side_data),
        format=chosen,
    )
    before_writing(small.temporary)
    _write(small, made.record, {})
    return replace(small, size=small.temporary.stat().st_size)


def judge_small(
    small: Small,
    spooled: Path,
    rule: Rule,
    *,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Verdict:
    """Let the gate restore a candidate from the disk; runs the network once."""
    from irrm_core.archive.gate import judge

    with open_image(spooled, max_pixels=_max_pixels(rule)) as original:
        return judge(
            small.temporary,
            original,
            small.rescaler,
            rule.floors,
            rule.delivery,
            precision=rule.precision,
            max_pixels=_max_pixels(rule),
            progress=progress,
            cancel=cancel,
        )


def with_measurements(
    small: Small,
    record: RestoreRecord,
    fields: Mapping[str, Any],
    before_writing: Callable[[Path], None],
) -> Small:
    """Write a candidate anew with its final record, and read it back.

    Raises
    ------
    NotRestorableError
        The disk gave back something else than was written.
    StoreWriteError
        The store cannot be written.
    """
    record = RestoreRecord.from_dict(record.to_dict())
    final = replace(
        small, temporary=temporary_beside(small.target), made=replace(small.made, record=record)
    )
    before_writing(final.temporary)
    _write(final, record, fields)
    _read_back(final, record, fields)
    return replace(final, size=final.temporary.stat().st_size)


def _max_pixels(rule: Rule) -> int:
    return DEFAULT_MAX_PIXELS if rule.max_pixels is None else rule.max_pixels


def _write(small: Small, record: RestoreRecord, fields: Mapping[str, Any]) -> None:
    with StoreWriteError.on(small.target):
        write_image(
            small.temporary,
            small.made.image,
            axes=record.lr_axes,
            metadata=small.metadata,
            format=small.format,
            record=lr_envelope(record, small.side, fields).to_bytes(),
        )


def _read_back(small: Small, record: RestoreRecord, fields: Mapping[str, Any]) -> None:
    envelope = read_envelope(small.temporary)
    with open_image(small.temporary, max_pixels=2**62) as reader:
        same = (
            envelope is not None
            and envelope.to_bytes() == lr_envelope(record, small.side, fields).to_bytes()
            and hash_pixels(LrPixels(reader, record)) == record.lr_hash
        )
    if not same:
        raise NotRestorableError(
            f"{small.target}: the disk does not give back what was written; check the disk"
        )
