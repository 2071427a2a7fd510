"""From arrays to LR arrays with a restore record, and back.

Records can be read without torch; what needs it is imported when first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from irrm_core.engine.layout import ArrayLike, Layout
from irrm_core.engine.mapping import IntensityMapping
from irrm_core.engine.record import RestoreRecord
from irrm_core.engine.sidedata import SideData, hash_pixels, hash_side_data

if TYPE_CHECKING:
    from irrm_core.engine.assumed import assume_record
    from irrm_core.engine.downscaling import Downscaled
    from irrm_core.engine.rescaler import Rescaler, Roundtrip

_LAZY = {
    "Downscaled": "downscaling",
    "Rescaler": "rescaler",
    "Roundtrip": "rescaler",
    "assume_record": "assumed",
}

__all__ = [
    "ArrayLike",
    "Downscaled",
    "IntensityMapping",
    "Layout",
    "Rescaler",
    "RestoreRecord",
    "Roundtrip",
    "SideData",
    "assume_record",
    "hash_pixels",
    "hash_side_data",
]


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
