"""Measure a restored image against its original, plane by plane."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from irrm_core.engine.layout import PlaneIndex
from irrm_core.progress import Cancel, Progress
from napari_irrm.comparing.comparison import Comparison

if TYPE_CHECKING:
    from napari_irrm.layers import LayerImage

PlaneSeen = Callable[[PlaneIndex, "NDArray[Any]", "NDArray[Any]"], None]
"""Called with each plane: its place, original and restored values, (H, W, colours)."""


def measure_planes(
    original: LayerImage,
    restored: LayerImage,
    peaks: Sequence[float],
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    *,
    first: int = 0,
    see: PlaneSeen | None = None,
) -> Comparison:
    """Compare two images of the same size."""
    raise NotImplementedError
