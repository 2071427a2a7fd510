"""What the menus do: jobs for the selected layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari.components import ViewerModel


def downscale_selected(viewer: ViewerModel) -> None:
    """Downscale each selected image layer with the model that fits it."""
    raise NotImplementedError


def restore_selected(viewer: ViewerModel) -> None:
    """Restore each selected LR layer."""
    raise NotImplementedError


def compare_selected(viewer: ViewerModel) -> None:
    """Compare two selected layers, or a restored one with its original."""
    raise NotImplementedError
