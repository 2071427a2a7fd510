"""Open napari with a photograph and the Rescale widget: press Downscale.

A 16-bit stack is under File > Open Sample.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import napari

if TYPE_CHECKING:
    from napari import Viewer

PLUGIN = "napari-irrm"


def prepare(viewer: Viewer) -> None:
    """Open the plugin's photograph and its widget."""
    viewer.open_sample(PLUGIN, "photograph")
    viewer.window.add_plugin_dock_widget(PLUGIN, "Rescale")


if __name__ == "__main__":
    viewer = napari.Viewer()
    prepare(viewer)
    napari.run()
