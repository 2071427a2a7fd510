"""What a layer is, where results lie, how they look, and where they came from.

Nothing here knows Qt, and nothing is imported that takes long.
"""

from napari_irrm.layers.errors import LayerRefusedError
from napari_irrm.layers.geometry import Placement, placement_of
from napari_irrm.layers.image import LayerImage, image_of, level_zero, plane_on_screen
from napari_irrm.layers.memory import allocate
from napari_irrm.layers.outputs import (
    difference_arguments,
    display_of,
    lr_arguments,
    restored_arguments,
)
from napari_irrm.layers.provenance import (
    Display,
    Kind,
    Provenance,
    provenance_of,
    readable_provenance,
)
from napari_irrm.layers.pyramid import Halve, Pyramid, halve_by_means, pyramid
from napari_irrm.layers.refusal import refusal

__all__ = [
    "Display",
    "Halve",
    "Kind",
    "LayerImage",
    "LayerRefusedError",
    "Placement",
    "Provenance",
    "Pyramid",
    "allocate",
    "difference_arguments",
    "display_of",
    "halve_by_means",
    "image_of",
    "level_zero",
    "lr_arguments",
    "placement_of",
    "plane_on_screen",
    "provenance_of",
    "pyramid",
    "readable_provenance",
    "refusal",
    "restored_arguments",
]
