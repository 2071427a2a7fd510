"""The LR file: writing it, reading it, and restoring what it was made from."""

from __future__ import annotations

from irrm_core.archive.choice import RescalerPool, default_models
from irrm_core.archive.downscaling import DownscaledFile, downscale_file
from irrm_core.archive.formats import is_image_name
from irrm_core.archive.inspection import FileReport, inspect_file
from irrm_core.archive.lrfile import LrFile, embedded_kind, is_lr_file, read_lr, read_lr_file
from irrm_core.archive.mark import ReconstructionMark
from irrm_core.archive.naming import has_lr_name, lr_name, original_name, restored_name
from irrm_core.archive.restoring import RestoredFile, restore_file

__all__ = [
    "DownscaledFile",
    "FileReport",
    "LrFile",
    "ReconstructionMark",
    "RescalerPool",
    "RestoredFile",
    "default_models",
    "downscale_file",
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
