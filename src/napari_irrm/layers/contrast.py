"""Contrast limits of an original as limits of its LR, and back."""

from __future__ import annotations

import numpy as np

from irrm_core.engine import IntensityMapping, RestoreRecord
from irrm_core.engine.mapping import HEADROOM

Limits = tuple[float, float]

_SPAN = 1 - 2 * HEADROOM


def dtype_limits(dtype: str) -> Limits:
    """Return the range of an integer dtype, 0 to 1 for floats."""
    kind = np.dtype(dtype)
    if kind.kind == "f":
        return 0.0, 1.0
    limits = np.iinfo(kind)
    return float(limits.min), float(limits.max)


def lr_limits(limits: Limits, record: RestoreRecord) -> Limits:
    """Return limits for an LR with which it looks as its original does with `limits`.

    Where channels are mapped differently no limits fit all of them: then each is shown
    over its own range.
    """
    top = dtype_limits(record.lr_dtype)[1]
    if not record.mappings:
        return limits
    mapping = record.mappings[0]
    if any(other != mapping for other in record.mappings) or mapping.high <= mapping.low:
        return HEADROOM * top, (1 - HEADROOM) * top
    low, high = (top * _to_unit(value, mapping) for value in limits)
    # Intensities of a float64 may be so close that nothing is left between them.
    return (low, high) if low < high else (HEADROOM * top, (1 - HEADROOM) * top)


def restored_limits(limits: Limits, record: RestoreRecord) -> Limits:
    """Return limits for a restoration with which it looks as its LR does with `limits`.

    Where channels are mapped differently: the range of them all.
    """
    if not record.mappings:
        return limits
    mapping = record.mappings[0]
    if any(other != mapping for other in record.mappings):
        low, high = (
            min(m.low for m in record.mappings),
            max(m.high for m in record.mappings),
        )
    else:
        top = dtype_limits(record.lr_dtype)[1]
        low, high = (_from_unit(value / top, mapping) for value in limits)
    return (low, high) if low < high else (low, low + 1)


def _to_unit(value: float, mapping: IntensityMapping) -> float:
    part = (value / 2 - mapping.low / 2) / (mapping.high / 2 - mapping.low / 2)
    return HEADROOM + _SPAN * part


def _from_unit(unit: float, mapping: IntensityMapping) -> float:
    part = (unit - HEADROOM) / _SPAN
    return (1 - part) * mapping.low + part * mapping.high
