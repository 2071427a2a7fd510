"""How bright the original of an LR file was shown."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from irrm_core.engine import RestoreRecord
    from irrm_core.imagefile import SourceMetadata

Limits = tuple[float, float]

SHOWN = "shown"
"""Under which the contrast limits of the original stand beside the record in an LR file."""


def original_limits(
    record: RestoreRecord, metadata: SourceMetadata, shown: object = None
) -> Limits | None:
    """Return contrast limits for what an LR file restores to; None if nothing is known.

    Parameters
    ----------
    record : RestoreRecord
        Of the LR; the range of the data, where nobody chose another.
    metadata : SourceMetadata
        As they are true of the original; ImageJ's state a display range.
    shown : object
        What the file has under `SHOWN`; believed if it is two numbers.
    """
    fields = metadata.imagej or {}
    stated = tuple(fields.get("Ranges") or (fields.get("min"), fields.get("max")))
    if (limits := _limits(shown)) or (limits := _limits(stated[:2])):
        return limits
    if not record.mappings:
        return (0.0, 255.0) if record.dtype == "uint8" else None
    low = min(mapping.low for mapping in record.mappings)
    high = max(mapping.high for mapping in record.mappings)
    return _limits([low, high])


def _limits(pair: Any) -> Limits | None:
    match pair:
        case [int() | float() as low, int() | float() as high] if low < high:
            limits = float(low), float(high)
            return limits if all(map(isfinite, limits)) else None
    return None
