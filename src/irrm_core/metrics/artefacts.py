"""Faults that a mean hides: coloured dots, ringing, patterns in smooth places, tints, clipping."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from irrm_core.errors import ImageDataError
from irrm_core.metrics.bands import check_alike

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Plane = NDArray[np.floating]
    Mask = NDArray[np.bool_]

REACH = 3
"""Chebyshev radius of the ring round a dot: what fits inside, up to 5x5 pixels, is a dot."""
DOT = 24.0
"""Levels of chroma by which a dot differs from the ring round it."""
EDGE = 48.0
"""Levels between neighbours that make a strong edge."""
BEND = 6.0
"""Levels of second differences in a smooth place at most."""
NEAR = 8
"""Pixels from a strong edge within which an error in a smooth place counts as ringing."""
FEW = 64
"""Pixels below which a kind of place is taken to be absent."""
BLOCK = 16
"""Side of the blocks whose mean colour is compared."""

_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)
_CHROMA = np.array([[-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]], dtype=np.float32)


@dataclass(frozen=True)
class Artefacts:
    """What is wrong with an 8-bit image beside how much; all in levels of 0 to 255.

    Smooth is where the luma of the reference has, in 3x3 pixels, no second difference along rows
    or columns above `BEND` levels: flats, gradients, and colours that differ in hue alone. YCbCr
    is full-range BT.601, as JPEG has it.

    Attributes
    ----------
    dots : int
        Coloured dots that the reference has not: places no larger than 5x5 pixels whose
        error in CbCr, relative to its median on the ring at a distance of `REACH`, is at
        least `DOT` long and at least three times as long as anywhere on that ring, and which
        stand out from their ring further than in the reference. Lines are no dots, for they
        cross the ring, nor is noise, which is on the ring as well, nor a dot that was lost.
    ringing : float
        Root mean square error of luma in smooth places less than `NEAR` pixels from a strong
        edge of the reference; 0 where there are fewer than `FEW` such pixels.
    noise : float
        The same in all other smooth places: noise and patterns that were not there.
    shift : tuple of float
        Mean error of each channel: of R, G and B, or of gray.
    tint : float
        The largest length that the mean error in CbCr has in any block of 16x16 pixels:
        local shifts of hue, which cancel in `shift`.
    grid : float
        Standard deviation of the mean errors at the ``period``² positions within a period:
        the checkerboard that a scale leaves. Rises a little with any error, by chance.
    clipped : float
        Share of the values that are 0 or 255 and are neither in the reference.
    """

    dots: int
    ringing: float
    noise: float
    shift: tuple[float, ...]
    tint: float
    grid: float
    clipped: float


def artefacts(
    reference: NDArray[np.uint8], image: NDArray[np.uint8], *, period: int = 2
) -> Artefacts:
    """Look for artefacts in an image.

    Parameters
    ----------
    reference, image : ndarray
        uint8, same shape: (H, W) or (H, W, 3). For an HR image the original, for an LR
        image its bicubic counterpart.
    period : int
        Of the checkerboard to look for: the scale for an HR image, 2 for an LR image.

    Returns
    -------
    Artefacts
        A gray image has no dots and no tint.

    Raises
    ------
    ImageDataError
        The shapes differ, the values have not 8 bits, or a side is shorter than `BLOCK`.
    """
    check_alike(reference, image)
    if reference.dtype != np.uint8 or image.dtype != np.uint8:
        raise ImageDataError(
            f"artefacts are counted in 8-bit images, not in {reference.dtype} and {image.dtype}; "
            "convert both in the same way first"
        )
    if reference.ndim not in (2, 3) or min(reference.shape[:2]) < BLOCK:
        raise ImageDataError(
            f"artefacts are looked for in images of {BLOCK}x{BLOCK} pixels and more, "
            f"not of shape {reference.shape}"
        )
    error = image.astype(np.float32) - reference
    coloured = reference.ndim == 3
    light = reference @ _LUMA if coloured else reference.astype(np.float32)
    wrong = error @ _LUMA if coloured else error
    colours = [(i.astype(np.float32) @ _CHROMA.T) for i in (reference, image)] if coloured else []
    smooth = ~_spread(_bends(light), 1)
    close = _spread(_edges(light), NEAR - 1)
    return Artefacts(
        dots=int(coloured_dots(*colours).sum()) if coloured else 0,
        ringing=_rms(wrong[smooth & close]),
        noise=_rms(wrong[smooth & ~close]),
        shift=tuple(float(v) for v in np.atleast_1d(error.mean(axis=(0, 1), dtype=np.float64))),
        tint=float(_length(_blocks(colours[1] - colours[0])).max()) if coloured else 0.0,
        grid=_grid(wrong, period),
        clipped=float((_inner(reference) & ~_inner(image)).mean()),
    )


def coloured_dots(reference: Plane, image: Plane) -> Mask:
    """Return where coloured dots have their peak; see `Artefacts.dots`.

    Parameters
    ----------
    reference, image : ndarray
        (H, W, 2): Cb and Cr.

    Returns
    -------
    ndarray
        (H, W), bool. Of equal peaks within `REACH` the first in reading order counts. Beyond
        the border the image is mirrored.
    """
    height, width = reference.shape[:2]
    around = ((REACH,) * 2, (REACH,) * 2, (0, 0))
    wide = [np.pad(plane, around, mode="reflect") for plane in (reference, image)]
    # Only where something is wrong at all is there a ring to look at.
    ys, xs = np.nonzero(_length(image - reference) >= DOT / 2)
    steps = range(2 * REACH + 1)
    ring = [(y, x) for y in steps for x in steps if {0, 2 * REACH} & {y, x}]

    def standing_out(plane: Plane) -> tuple[Plane, Plane]:
        """Return the pixels, and those on their rings, relative to the median of the ring."""
        rings = np.stack([plane[ys + y, xs + x] for y, x in ring])
        level = np.median(rings, axis=0) if len(ys) else rings[0]
        return plane[ys + REACH, xs + REACH] - level, rings - level

    wrong, beside = standing_out(wide[1] - wide[0])
    peak = _length(wrong)
    alone = (peak >= DOT) & (peak >= 3 * _length(beside).max(axis=0))
    was, is_now = (_length(standing_out(plane)[0]) for plane in wide)
    new = alone & (is_now > was)
    strength = np.zeros((height, width), dtype=np.float32)
    strength[ys[new], xs[new]] = peak[new]
    return _first_of_peaks(strength)


def _first_of_peaks(strength: Plane) -> Mask:
    """Mark what no other value within `REACH` exceeds, nor equals earlier in reading order."""
    marked = np.zeros(strength.shape, dtype=bool)
    for y, x in zip(*np.nonzero(strength), strict=True):
        part = slice(max(0, y - REACH), y + REACH + 1), slice(max(0, x - REACH), x + REACH + 1)
        marked[y, x] = strength[part].max() <= strength[y, x] and not marked[part].any()
    return marked


def _length(vectors: Plane) -> Plane:
    out: Plane = np.hypot(vectors[..., 0], vectors[..., 1])
    return out


def _bends(light: Plane) -> Mask:
    bent = np.zeros(light.shape, dtype=bool)
    bent[1:-1] |= np.abs(np.diff(light, n=2, axis=0)) > BEND
    bent[:, 1:-1] |= np.abs(np.diff(light, n=2, axis=1)) > BEND
    return bent


def _spread(mask: Mask, radius: int) -> Mask:
    """Widen a mask by a Chebyshev distance."""
    for axis in (0, 1):
        mask = np.asarray(_window(mask, radius, axis).any(axis=-1))
    return mask


def _window(plane: NDArray[Any], radius: int, axis: int) -> NDArray[Any]:
    pad = [(0, 0), (0, 0)]
    pad[axis] = (radius, radius)
    return np.lib.stride_tricks.sliding_window_view(
        np.pad(plane, pad, mode="edge"), 2 * radius + 1, axis=axis
    )


def _edges(light: Plane) -> Mask:
    strong = np.zeros(light.shape, dtype=bool)
    strong[1:] |= np.abs(np.diff(light, axis=0)) >= EDGE
    strong[:, 1:] |= np.abs(np.diff(light, axis=1)) >= EDGE
    return strong


def _blocks(plane: Plane) -> Plane:
    """Mean of each whole block, (H/16, W/16, C)."""
    rows, columns = plane.shape[0] // BLOCK, plane.shape[1] // BLOCK
    whole = plane[: rows * BLOCK, : columns * BLOCK]
    out: Plane = whole.reshape(rows, BLOCK, columns, BLOCK, -1).mean(axis=(1, 3))
    return out


def _grid(wrong: Plane, period: int) -> float:
    rows, columns = (side // period * period for side in wrong.shape)
    phases = wrong[:rows, :columns].reshape(rows // period, period, columns // period, period)
    return float(phases.mean(axis=(0, 2), dtype=np.float64).std())


def _inner(image: NDArray[np.uint8]) -> Mask:
    out: Mask = (image > 0) & (image < 255)
    return out


def _rms(values: Plane) -> float:
    return math.sqrt(np.square(values, dtype=np.float64).mean()) if values.size >= FEW else 0.0
