"""Measure a restored image against its original, plane by plane."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from irrm_core.engine.layout import Layout, PlaneIndex
from irrm_core.errors import ImageDataError, UsageError
from irrm_core.metrics import IntensityComparison, ssim
from irrm_core.progress import Cancel, NoProgress, Progress
from napari_irrm.comparing.comparison import Comparison, Row
from napari_irrm.comparing.gaps import filled_alike
from napari_irrm.comparing.score import Score

if TYPE_CHECKING:
    from napari_irrm.layers import LayerImage

PlaneSeen = Callable[[PlaneIndex, "NDArray[Any]", "NDArray[Any]", Sequence[Score]], None]
"""Called with each plane: its place, original and restored values, and their scores."""

_WINDOW = 11
"""Of SSIM: strips overlap by one row less, so that each window lies in one strip."""
_SQUARABLE = 1e100
"""Intensities beyond which squares of squares are infinite; SSIM has no unit."""
_STRIP = 1 << 20
"""Values between two looks at whether the work was cancelled."""


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
    """Compare two images of the same size, reading plane after plane.

    Alpha is left out. The result does not depend on the order of the planes.

    Parameters
    ----------
    original, restored : LayerImage
        Of the same shape; the original says what the axes mean.
    peaks : sequence of float
        Range of the intensities for each index of the C axis.
    progress, cancel
        Told of each plane; asked before each strip of a plane.
    first : int
        Number of the plane to begin with; the others follow in order.
    see : callable, optional
        Called with each plane when it was measured.

    Raises
    ------
    UsageError
        The images differ in shape.
    ImageDataError
        A pixel is NaN or infinite in one image, and not the same in the other.
    Cancelled
        `cancel` was flipped.
    """
    progress, cancel = progress or NoProgress(), cancel or Cancel()
    layout = check_pair(original, restored)
    rows: list[Row] = []
    progress.begin("compare", layout.plane_count)
    try:
        for plane in layout.planes(first):
            cancel.check()
            before = layout.read(original.data, plane)[..., : layout.colours]
            after = layout.read(restored.data, plane)[..., : layout.colours]
            before, after = filled_alike(before, after)
            try:
                scores = [
                    _score(before[..., colour], after[..., colour], peaks[plane.channel], cancel)
                    for colour in range(layout.colours)
                ]
            except ImageDataError as why:
                raise ImageDataError(
                    f"layers {original.name!r} and {restored.name!r}, plane {plane.number}: {why}"
                ) from why
            rows.extend(_rows(layout, plane, scores))
            if see is not None:
                see(plane, before, after, scores)
            progress.advance()
    finally:
        progress.end()
    rows.sort(key=lambda row: (row.plane, row.channel))
    return Comparison(original.name, restored.name, layout, tuple(rows))


def check_pair(original: LayerImage, restored: LayerImage) -> Layout:
    """Return the layout that two images share.

    Raises
    ------
    UsageError
        They differ in shape or colours.
    """
    layout, other = original.layout, restored.layout
    if layout.shape == other.shape and layout.colours == other.colours:
        return layout
    raise UsageError(
        f"layers {original.name!r} of shape {layout.shape} and {restored.name!r} of shape "
        f"{other.shape} cannot be compared; choose an original and what was restored of it"
    )


def _rows(layout: Layout, plane: PlaneIndex, scores: Sequence[Score]) -> Iterator[Row]:
    place = tuple(at for at in plane.index if isinstance(at, int))
    for colour, score in enumerate(scores):
        yield Row(plane.number, place, colour if layout.colours == 3 else plane.channel, score)


def _score(before: NDArray[Any], after: NDArray[Any], peak: float, cancel: Cancel) -> Score:
    """Measure one channel of a plane, in strips that overlap as SSIM needs it."""
    whole = all(np.issubdtype(pixels.dtype, np.integer) for pixels in (before, after))
    errors = IntensityComparison(peak, integer=whole)
    height, width = before.shape
    has_ssim = min(height, width) >= _WINDOW
    step = max(4 * _WINDOW, _STRIP // width)
    similar, windows = 0.0, 0
    for top in range(0, height, step):
        cancel.check()
        errors.add(before[top : top + step], after[top : top + step])
        seen = slice(top, top + step + _WINDOW - 1)
        places = before[seen].shape[0] - _WINDOW + 1
        if has_ssim and places > 0:
            similar += places * _similarity(before[seen], after[seen], peak)
            windows += places
    report = errors.report()
    return Score(
        psnr=report.psnr,
        ssim=similar / windows if windows else None,
        largest=report.error_max,
        p999=report.error_p999,
        bias=report.bias,
        peak=peak,
        pixels=report.pixels,
    )


def _similarity(before: NDArray[Any], after: NDArray[Any], peak: float) -> float:
    if not peak:  # the constants of SSIM vanish, and flat areas would be 0 / 0
        return float(np.array_equal(before, after))
    if peak > _SQUARABLE:
        before, after, peak = before / peak, after / peak, 1.0
    return ssim(before, after, peak=peak)
