"""The LR file and the store: writing them, reading them, and restoring what they were made from.

Names are loaded when they are first used: who only reads a catalogue needs no numpy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from irrm_core.lazily import names_of

if TYPE_CHECKING:
    from irrm_core.archive.choice import RescalerPool, default_models
    from irrm_core.archive.downscaling import DownscaledFile, downscale_file
    from irrm_core.archive.formats import is_image_name
    from irrm_core.archive.gated import GatedFile, downscale_gated
    from irrm_core.archive.inspection import FileReport, inspect_file
    from irrm_core.archive.kind import embedded_kind
    from irrm_core.archive.lrfile import LrFile, is_lr_file, read_lr, read_lr_file
    from irrm_core.archive.mark import ReconstructionMark
    from irrm_core.archive.naming import has_lr_name, lr_name, original_name, restored_name
    from irrm_core.archive.restoring import RestoredFile, restore_file

_HOMES = {
    "choice": ("RescalerPool", "default_models"),
    "downscaling": ("DownscaledFile", "downscale_file"),
    "formats": ("is_image_name",),
    "gated": ("GatedFile", "downscale_gated"),
    "inspection": ("FileReport", "inspect_file"),
    "kind": ("embedded_kind",),
    "lrfile": ("LrFile", "is_lr_file", "read_lr", "read_lr_file"),
    "mark": ("ReconstructionMark",),
    "naming": ("has_lr_name", "lr_name", "original_name", "restored_name"),
    "restoring": ("RestoredFile", "restore_file"),
}

__all__ = [
    "DownscaledFile",
    "FileReport",
    "GatedFile",
    "LrFile",
    "ReconstructionMark",
    "RescalerPool",
    "RestoredFile",
    "default_models",
    "downscale_file",
    "downscale_gated",
    "embedded_kind",
    "has_lr_name",
    "inspect_file",
    "is_image_name",
    "is_lr_file",
    "lr_name",
    "original_name",
    "read_lr",
    "read_lr_file",
    "restore_file",
    "restored_name",
]


if not TYPE_CHECKING:  # so that a type checker sees the names above, and no others
    __getattr__ = names_of(__name__, _HOMES)
