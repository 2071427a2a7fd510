"""The work that compares two layers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from irrm_core.engine import Layout
from irrm_core.engine.layout import PlaneIndex
from napari_irrm.comparing.board import board_of
from napari_irrm.comparing.comparison import Comparison
from napari_irrm.comparing.difference import difference_dtype, subtract
from napari_irrm.comparing.measuring import check_pair, measure_planes
from napari_irrm.comparing.pairing import known_provenance
from napari_irrm.comparing.peaks import known_peaks, measured_peaks
from napari_irrm.comparing.score import Score
from napari_irrm.layers import (
    LayerImage,
    Provenance,
    Pyramid,
    allocate,
    difference_arguments,
    image_of,
    plane_on_screen,
    pyramid,
)

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Image

    from napari_irrm.jobs import Context


class CompareWork:
    """Measures a restored layer against its original and shows the difference.

    The plane on screen comes first, and with it the difference layer. What was found goes to
    the viewer's `Board`.

    Parameters
    ----------
    viewer : ViewerModel
        Of the layers.
    original, restored : Image
        Layers of the same size.

    Raises
    ------
    LayerRefusedError
        A layer is no image that can be compared.
    UsageError
        The layers differ in size.
    """

    def __init__(self, viewer: ViewerModel, original: Image, restored: Image) -> None:
        self._viewer = viewer
        self._original, self._restored = original, restored
        self._before, self._after = image_of(original), image_of(restored)
        layout = check_pair(self._before, self._after)
        self._layout = _without_colours(layout)
        self._first = plane_on_screen(original, self._before)
        self._provenance = known_provenance(restored)
        self._shown: Image | None = None
        self._limit = 0.0

    @property
    def title(self) -> str:
        """For people."""
        return f"Compare {self._restored.name} with {self._original.name}"

    def run(self, context: Context) -> Comparison:
        """Measure plane by plane, in a thread."""
        record = self._provenance.record if self._provenance is not None else None
        context.planes(self._layout.plane_count)
        peaks = known_peaks(self._before, record) or measured_peaks(
            self._before, context.progress, context.cancel
        )
        levels = pyramid(
            allocate(self._layout.shape, difference_dtype(self._before.dtype)), self._layout.axes
        )
        planes = list(self._layout.planes())

        def see(
            plane: PlaneIndex,
            before: NDArray[Any],
            after: NDArray[Any],
            scores: Sequence[Score],
        ) -> None:
            place = planes[plane.number]
            subtract(after, before, levels.levels[0][place.index])
            levels.plane_done(place)
            limit = max(score.p999 for score in scores)
            context.show(partial(self._plane_done, levels, plane.number, limit))

        return measure_planes(
            self._before,
            self._after,
            peaks,
            context.progress,
            context.cancel,
            first=self._first,
            see=see,
        )

    def finish(self, result: Comparison) -> None:
        """Complete the difference layer and tell what was found, on the viewer's thread."""
        if self._shown is not None and self._shown in self._viewer.layers:
            largest = max(result.total.largest, self._limit) or 1.0
            self._shown.contrast_limits_range = (-largest, largest)
            if self._provenance is not None:
                made = Provenance("difference", self._provenance.record, source=self._original.name)
                self._shown.metadata = made.attached(self._shown.metadata)
            self._shown.refresh()
        self._shown = None
        board_of(self._viewer).add(result, self._original, self._restored)

    def abandon(self) -> None:
        """Take the difference layer back, on the viewer's thread."""
        if self._shown is not None and self._shown in self._viewer.layers:
            self._viewer.layers.remove(self._shown)
        self._shown = None

    def _plane_done(self, levels: Pyramid, plane: int, limit: float) -> None:
        """Show the difference when its first plane is there, and the planes that follow."""
        if self._shown is None:
            self._limit = limit
            self._shown = self._add(levels)
            return
        if self._shown not in self._viewer.layers:
            return
        if limit > self._limit:
            # Whoever has set other limits keeps them.
            untouched = math.isclose(self._shown.contrast_limits[1], self._limit or 1.0)
            self._limit = limit
            self._shown.contrast_limits_range = (-limit, limit)
            if untouched:
                self._shown.contrast_limits = (-limit, limit)
        image = LayerImage(self._shown.name, levels.levels[0], self._layout.axes, self._shown_shape)
        if plane_on_screen(self._shown, image) == plane:
            self._shown.refresh(extent=False)

    def _add(self, levels: Pyramid) -> Image:
        """Add the difference layer, on top."""
        data = [self._before.as_layer(level) for level in levels.levels]
        layer: Image = self._viewer.add_image(
            data if levels.multiscale else data[0],
            multiscale=levels.multiscale,
            **difference_arguments(self._original, self._limit),
        )
        return layer

    @property
    def _shown_shape(self) -> tuple[int, ...]:
        shape = self._before.layer_shape
        return shape[:-1] if "S" in self._before.axes else shape


def _without_colours(layout: Layout) -> Layout:
    axes = layout.axes.removesuffix("S")
    return Layout(axes, layout.shape[: len(axes)])
