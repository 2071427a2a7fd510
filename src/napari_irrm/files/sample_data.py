"""Images to try the plugin on, bundled with it: ``samples/LICENCES.md`` says whose they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from napari_irrm.files.reader import LayerTuple

_FOLDER = Path(__file__).parent / "samples"


def photograph() -> list[LayerTuple]:
    """Return a photograph: (400, 600, 3), uint8."""
    from irrm_core.imagefile import read_image

    pixels, _ = read_image(_FOLDER / "coffee.png")
    said = {"licence": "CC0", "by": "Rachel Michetti, at Pikolo Espresso Bar"}
    return [(pixels, {"name": "coffee", "rgb": True, "metadata": said}, "image")]


def stack() -> list[LayerTuple]:
    """Return a simulated time series of fluorescent cells: (8, 256, 256), uint16, calibrated."""
    import numpy as np

    from irrm_core.imagefile import read_image
    from napari_irrm.files.calibration import Calibration

    pixels, info = read_image(_FOLDER / "simulated_cells.ome.tif")
    arguments: dict[str, Any] = {
        "name": "simulated cells",
        "metadata": {"licence": "CC0", "by": "the napari-irrm developers; simulated"},
        # One frame is read out noisily: few pixels are as dark or as bright as its.
        "contrast_limits": np.percentile(pixels, (10, 99.9)),
        **Calibration.of(info.metadata, info.axes).arguments(),
    }
    return [(pixels, arguments, "image")]
