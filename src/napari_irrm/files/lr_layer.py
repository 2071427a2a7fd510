"""An LR file as an image layer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from napari_irrm.layers import pyramid
from napari_irrm.layers.contrast import lr_limits
from napari_irrm.layers.provenance import KEY

if TYPE_CHECKING:
    from napari_irrm.files.opened import OpenedLr


def lr_layer(opened: OpenedLr, source: str = "") -> dict[str, Any]:
    """Return the keyword arguments of ``add_image`` for an LR, data and all that restores it.

    It lies on its original, and has smaller levels if it is too large to be shown whole.

    Parameters
    ----------
    opened : OpenedLr
        The LR file.
    source : str
        What the original is called; by default as the file says.
    """
    provenance = replace(opened.provenance, source=source or opened.provenance.source)
    record, limits = provenance.record, provenance.display.contrast_limits
    levels = pyramid(opened.pixels, record.lr_axes)
    levels.fill()
    arguments = {
        "name": f"{provenance.source} LR x{record.scale}",
        "metadata": {KEY: provenance.to_metadata()},
        **opened.calibration.lr_arguments(record.scale),
        **levels.arguments(),
    }
    if "S" in record.lr_axes:
        arguments["rgb"] = True
    elif limits is not None:
        arguments["contrast_limits"] = lr_limits(limits, record)
    return arguments
