"""Gaussian latents that depend on seed and position only, so that tiles agree."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from irrm_core.engine.tiling import Span

BLOCK = 64
"""Side in LR pixels of the blocks that are drawn at once."""


def gaussian_latent(
    rows: Span, columns: Span, channels: int, *, std: float, seed: int, plane: int
) -> NDArray[np.float32]:
    """Draw a window of a plane's latent.

    The plane is a grid of blocks, each drawn from a counter-based generator (Philox) whose
    key is (seed, plane) and whose counter is the block's position. Only the raw bits are
    numpy's, which it promises to keep; the normal distribution is made from them here by
    the Box-Muller transform, so that a file restores the same in years.

    Parameters
    ----------
    rows, columns : Span
        The window, in LR pixels of the plane.
    channels : int
        Of the latent.
    std : float
        Standard deviation.
    seed : int
        0 to 2⁶⁴ − 1.
    plane : int
        Number of the plane in its stack.

    Returns
    -------
    ndarray
        (rows, columns, channels), float32.
    """
    window = np.empty((rows.size, columns.size, channels), np.float32)
    for block_row in range(rows.start // BLOCK, -(-rows.stop // BLOCK)):
        for block_column in range(columns.start // BLOCK, -(-columns.stop // BLOCK)):
            block = _block(block_row, block_column, channels, seed, plane)
            y, inner_y = _overlap(rows, block_row)
            x, inner_x = _overlap(columns, block_column)
            window[y, x] = block[inner_y, inner_x]
    window *= np.float32(std)
    return window


def _overlap(span: Span, block: int) -> tuple[slice, slice]:
    start = max(span.start, block * BLOCK)
    stop = min(span.stop, (block + 1) * BLOCK)
    return (
        slice(start - span.start, stop - span.start),
        slice(start - block * BLOCK, stop - block * BLOCK),
    )


def _block(row: int, column: int, channels: int, seed: int, plane: int) -> NDArray[np.float32]:
    count = BLOCK * BLOCK * channels
    # The lowest of the four counter words runs inside the block.
    # Arrays, because numpy takes a list with a number above 2⁶³ for one of floats.
    bits = np.random.Philox(
        counter=np.array([0, 0, column, row], np.uint64), key=np.array([seed, plane], np.uint64)
    )
    raw = bits.random_raw(count // 2)
    # Each raw number gives two uniforms of 32 bits, in (0, 1] for the logarithm's sake.
    radius = np.sqrt(-2 * np.log(((raw >> np.uint64(32)) + 1.0) / 2**32))
    angle = (raw & np.uint64(0xFFFFFFFF)) * (2 * np.pi / 2**32)
    pairs = np.stack((radius * np.cos(angle), radius * np.sin(angle)), axis=-1)
    return pairs.astype(np.float32).reshape(BLOCK, BLOCK, channels)
