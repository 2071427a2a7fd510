"""Offer to restore what was opened: a notification with a button."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari import current_viewer
from napari.utils.notifications import Notification, notification_manager

from napari_irrm.settings import PLUGIN
from napari_irrm.words import psnr_text

if TYPE_CHECKING:
    from pathlib import Path

    from irrm_core.engine import RestoreRecord


def offer_restoring(path: Path, record: RestoreRecord) -> None:
    """Tell people in front of a window that a file is an LR, and let them restore it.

    Only for the first one in a viewer: whoever opens a folder of them is told once.
    """
    viewer = current_viewer()
    if viewer is None or any(layer.source.reader_plugin == PLUGIN for layer in viewer.layers):
        return

    def restore(*_: Any) -> None:
        from napari_irrm.commands import restore_layers

        now = current_viewer()
        if now is not None:
            layers = [layer for layer in now.layers if layer.source.path == str(path)]
            restore_layers(now, layers)

    height, width = (record.hr_shape[record.axes.index(axis)] for axis in "YX")
    # napari shows the first words, and the others when people ask.
    message = (
        f"LR of {width}x{height} pixels: {path.name}. It was downscaled by {record.model}"
        f"{_quality(record)}. Restore it here, or with Layers > Transform > Rescale (IRRM)."
    )
    notification_manager.dispatch(_Offer(message, "info", actions=[("Restore", restore)]))


class _Offer(Notification):  # type: ignore[misc]  # napari is untyped here
    """A notification that names the plugin as its source, which napari shows beside a button."""

    @property
    def source(self) -> str:
        return "IRRM"


def _quality(record: RestoreRecord) -> str:
    psnr = record.quality.get("psnr")
    return "" if psnr is None else f" and restores at {psnr_text(psnr)} PSNR, measured then"
