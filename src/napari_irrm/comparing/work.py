"""The work that compares two layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from irrm_core.engine.layout import PlaneIndex
from napari_irrm.comparing.board import board_of
from napari_irrm.comparing.comparison import Comparison
from napari_irrm.comparing.difference_layer import DifferenceLayer
from napari_irrm.comparing.measuring import check_pair, measure_planes
from napari_irrm.comparing.peaks import known_peaks, measured_peaks
from napari_irrm.comparing.score import Score
from napari_irrm.jobs.session import unwrapped
from napari_irrm.layers import image_of, plane_on_screen, readable_provenance

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
        self._viewer = unwrapped(viewer)
        self._original, self._restored = unwrapped(original), unwrapped(restored)
        self._before, self._after = image_of(self._original), image_of(self._restored)
        check_pair(self._before, self._after)
        self._first = plane_on_screen(self._original, self._before)
        self._provenance = readable_provenance(self._restored)
        self._difference = DifferenceLayer(self._viewer, self._original, self._before)

    @property
    def title(self) -> str:
        """For people."""
        return f"Compare {self._after.name} with {self._before.name}"

    def run(self, context: Context) -> Comparison:
        """Measure plane by plane, in a thread."""
        context.planes(self._before.plane_count)
        record = self._provenance.record if self._provenance is not None else None
        peaks = known_peaks(self._before, record) or measured_peaks(
            self._before, context.progress, context.cancel
        )
        self._difference.allocate()

        def see(
            plane: PlaneIndex,
            before: NDArray[Any],
            after: NDArray[Any],
            scores: Sequence[Score],
        ) -> None:
            limit = max(score.p999 for score in scores)
            self._difference.fill(context, plane.number, before, after, limit)

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
        self._difference.complete(result.total.largest, self._provenance)
        board_of(self._viewer).add(result, self._original, self._restored)

    def abandon(self) -> None:
        """Take the difference layer back, on the viewer's thread."""
        self._difference.remove()
