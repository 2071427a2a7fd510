"""Blobs whose centres are known, records, and layers of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from irrm_core.engine import IntensityMapping, RestoreRecord


def make_record(
    axes: str,
    hr_shape: tuple[int, ...],
    dtype: str = "uint16",
    *,
    scale: int = 2,
    tripled: bool = False,
    ranges: tuple[tuple[float, float], ...] = ((0, 1000),),
) -> RestoreRecord:
    """A record with made-up hashes."""
    return RestoreRecord(
        model="irrm-test@1",
        weights_hash="a" * 64,
        scale=scale,
        hr_shape=hr_shape,
        axes=axes,
        dtype=dtype,
        lr_hash="b" * 64,
        tripled=tripled,
        mappings=() if dtype == "uint8" else tuple(IntensityMapping(*r) for r in ranges),
    )


def blob(height: int, width: int, y: float, x: float, sigma: float = 3.0) -> NDArray[Any]:
    """A gaussian spot of height 1 around a point."""
    rows, columns = np.indices((height, width))
    spot: NDArray[Any] = np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / (2 * sigma**2))
    return spot


def centroid(plane: NDArray[Any], floor: float = 0.0) -> tuple[float, float]:
    """The centre of mass of what rises above the background by this part of the peak."""
    mass = plane.astype(float) - float(np.median(plane))
    if floor:
        mass = np.maximum(mass - floor * mass.max(), 0)
    rows, columns = np.indices(mass.shape)
    return float((rows * mass).sum() / mass.sum()), float((columns * mass).sum() / mass.sum())


def block_means(image: NDArray[Any], s: int) -> NDArray[Any]:
    """The last two axes in blocks, the last ones continued by their mirror image."""
    pad = [(0, 0)] * (image.ndim - 2) + [(0, -n % s) for n in image.shape[-2:]]
    padded = np.pad(image, pad, mode="symmetric")
    height, width = padded.shape[-2] // s, padded.shape[-1] // s
    blocks = padded.reshape(*image.shape[:-2], height, s, width, s)
    means: NDArray[Any] = blocks.mean(axis=(-3, -1))
    return means


@pytest.fixture
def rng() -> np.random.Generator:
    """The same numbers in every run."""
    return np.random.default_rng(11)
