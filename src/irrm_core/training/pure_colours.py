"""Pure colours, hard edges and thin lines, which photographs hardly have and screens are made of.

A network that was trained on photographs alone invents detail in a flat of pure green or
magenta, and restores a chart of such colours worse than interpolation does. These two functions
bring the whole cube of colours, and drawings, into the training data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Plane = NDArray[np.float32]


def recolour(patch: Pixels, rng: np.random.Generator) -> Pixels:
    """Move a photograph's colours elsewhere in the cube; its shapes and its grain stay.

    Channels are permuted, each is inverted or not, and the distances from a random pivot are
    stretched up to threefold and clipped, on luma or on all channels by themselves.

    Parameters
    ----------
    patch : ndarray
        (H, W, 3), uint8.
    rng : Generator
        Of every random choice.

    Returns
    -------
    ndarray
        Same shape and dtype; a copy.
    """
    out = patch[:, :, rng.permutation(3)]
    inverted = rng.random(3) < 0.5
    out = np.where(inverted, 255 - out, out)
    if rng.random() < 0.5:
        gain = np.exp(rng.uniform(0, np.log(3), 1 if rng.random() < 0.5 else 3))
        pivot = rng.uniform(0, 255, 3)
        out = np.clip((out - pivot) * gain + pivot, 0, 255)
    return np.rint(out).astype(np.uint8)


def draw_shapes(side: int, rng: np.random.Generator) -> Pixels:
    """Draw a patch: a flat or a gradient, and on it shapes, lines, stripes and checkers.

    Half of all channel values are 0 or 255, and one colour in four is gray.

    Parameters
    ----------
    side : int
        Of the patch in pixels.
    rng : Generator
        Of every random choice.

    Returns
    -------
    ndarray
        (side, side, 3), uint8.
    """
    y, x = np.indices((side, side), dtype=np.float32)
    canvas = np.broadcast_to(_colour(rng), (side, side, 3)).copy()
    if rng.random() < 0.4:
        slope = _projection(x, y, rng)
        slope = (slope - slope.min()) / (np.ptp(slope) + 1e-6)
        canvas += slope[:, :, None] * (_colour(rng) - canvas)
    for _ in range(int(rng.integers(1, 12))):
        cover = _SHAPES[int(rng.integers(len(_SHAPES)))](x, y, rng)
        canvas += cover[:, :, None] * (_colour(rng) - canvas)
    return np.rint(canvas).astype(np.uint8)


def _colour(rng: np.random.Generator) -> Plane:
    value = rng.integers(0, 256, 3)
    value = np.where(rng.random(3) < 0.5, 255 * (value > 127), value)
    if rng.random() < 0.25:
        value[:] = value[0]
    return value.astype(np.float32)


def _projection(x: Plane, y: Plane, rng: np.random.Generator) -> Plane:
    """Distance along a random direction, which lies along an axis in half of the cases."""
    turn = rng.uniform(0, 2 * np.pi) if rng.random() < 0.5 else np.pi / 2 * rng.integers(4)
    out: Plane = x * np.float32(np.cos(turn)) + y * np.float32(np.sin(turn))
    return out


def _cover(distance: Plane) -> Plane:
    """Turn a distance from an edge into how much of a pixel is covered."""
    out: Plane = np.clip(distance, 0, 1)
    return out


def _box(x: Plane, y: Plane, rng: np.random.Generator) -> Plane:
    side = x.shape[0]
    (top, left), (height, width) = rng.integers(-8, side, 2), rng.integers(1, side // 2, 2)
    inside = (x >= left) & (x < left + width) & (y >= top) & (y < top + height)
    out: Plane = inside.astype(np.float32)
    return out


def _disc(x: Plane, y: Plane, rng: np.random.Generator) -> Plane:
    centre, radius = rng.uniform(0, x.shape[0], 2), rng.uniform(1, x.shape[0] / 4)
    distance = np.hypot(x - np.float32(centre[0]), y - np.float32(centre[1]))
    if rng.random() < 0.3:  # a ring
        distance = np.abs(distance - np.float32(radius)) + np.float32(radius - rng.uniform(0.5, 2))
    return _cover((radius + 0.5 - distance).astype(np.float32))


def _line(x: Plane, y: Plane, rng: np.random.Generator) -> Plane:
    across = _projection(x, y, rng)
    at = across.ravel()[rng.integers(across.size)]
    half = np.float32(rng.choice((0.5, 0.5, 1.0, 1.5)))
    return _cover(half + np.float32(0.5) - np.abs(across - at))


def _plane(x: Plane, y: Plane, rng: np.random.Generator) -> Plane:
    across = _projection(x, y, rng)
    return _cover(across - across.ravel()[rng.integers(across.size)] + np.float32(0.5))


def _stripes(x: Plane, y: Plane, rng: np.random.Generator) -> Plane:
    """Stripes or checkers of 1 to 8 pixels, in a box."""
    cell = int(rng.integers(1, 9))
    odd = x // cell + (y // cell if rng.random() < 0.5 else 0)
    if rng.random() < 0.25:
        odd = y // cell
    out: Plane = _box(x, y, rng) * (odd % 2)
    return out


_SHAPES = (_box, _box, _disc, _line, _line, _plane, _stripes)
