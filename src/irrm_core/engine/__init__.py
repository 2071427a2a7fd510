"""From arrays to LR arrays with a restore record, and back.

Records can be read without torch; what needs it is imported when first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from irrm_core.engine.layout import ArrayLike, Layout
from irrm_core.engine.mapping import IntensityMapping
from irrm_core.engine.record import RestoreRecord
from irrm_core.engine.sidedata import SideData, hash_pixels, hash_side_data
from irrm_core.lazily import names_of

if TYPE_CHECKING:
    from irrm_core.engine.assumed import assume_record
    from irrm_core.engine.downscaling import Downscaled
    from irrm_core.engine.rescaler import Rescaler, Roundtrip

_HOMES = {
    "assumed": ("assume_record",),
    "downscaling": ("Downscaled",),
    "rescaler": ("Rescaler", "Roundtrip"),
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


if not TYPE_CHECKING:
    __getattr__ = names_of(__name__, _HOMES)
