"""What an original's metadata become in its LR file, and what those become again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from irrm_core.engine.mapping import HEADROOM

if TYPE_CHECKING:
    from irrm_core.engine import IntensityMapping, RestoreRecord
    from irrm_core.imagefile import SourceMetadata

_TOP = 65535


def lr_metadata(metadata: SourceMetadata, record: RestoreRecord) -> SourceMetadata:
    """Return the metadata of an original as they are true of its LR.

    Pixels are larger and, for more than 8 bits, intensities are on another scale: the display
    range follows, so that the LR opens with the contrast of the original.
    """
    scaled = metadata.scaled(record.scale)
    if record.tripled:
        # A gray profile would be wrong of the colours that the LR has.
        scaled = replace(scaled, icc=None)
    if not record.mappings:
        return scaled
    return scaled.with_display_range(lambda v, c: _to_lr(_of(record, c), v))


def hr_metadata(metadata: SourceMetadata, record: RestoreRecord) -> SourceMetadata:
    """Undo `lr_metadata`."""
    scaled = metadata.scaled(1 / record.scale)
    if not record.mappings:
        return scaled
    return scaled.with_display_range(lambda v, c: _from_lr(_of(record, c), v))


def _of(record: RestoreRecord, channel: int) -> IntensityMapping:
    return record.mappings[min(channel, len(record.mappings) - 1)]


# Unlike the mapping of pixels these do not clip: a display range may exceed the data.
def _to_lr(mapping: IntensityMapping, value: float) -> float:
    if mapping.high == mapping.low:
        return _TOP / 2
    part = (value - mapping.low) / (mapping.high - mapping.low)
    return _TOP * (HEADROOM + (1 - 2 * HEADROOM) * part)


def _from_lr(mapping: IntensityMapping, value: float) -> float:
    part = (value / _TOP - HEADROOM) / (1 - 2 * HEADROOM)
    return mapping.low + (mapping.high - mapping.low) * part
