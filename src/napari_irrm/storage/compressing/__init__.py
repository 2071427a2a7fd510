"""LR files of all images in a folder: tried out first, then written into another folder."""

from __future__ import annotations

from napari_irrm.storage.compressing.plan import CompressPlan
from napari_irrm.storage.compressing.report import CompressReport, FileOutcome, Outcome
from napari_irrm.storage.compressing.work import CompressWork

__all__ = ["CompressPlan", "CompressReport", "CompressWork", "FileOutcome", "Outcome"]
