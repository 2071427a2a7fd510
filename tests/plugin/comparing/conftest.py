"""Images to compare."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from napari_irrm.layers import LayerImage

Images = Callable[[NDArray[Any], NDArray[Any], str], tuple[LayerImage, LayerImage]]


@pytest.fixture
def images() -> Images:
    """Make the images of an original and a restoration."""

    def make(
        original: NDArray[Any], restored: NDArray[Any], axes: str
    ) -> tuple[LayerImage, LayerImage]:
        return (
            LayerImage("cells", original, axes, original.shape),
            LayerImage("cells restored", restored, axes, restored.shape),
        )

    return make


@pytest.fixture
def series() -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
    """12-bit frames of two channels, (T, C, Y, X), and a restoration whose frame 3 suffered."""
    random = np.random.default_rng(3)
    original = random.integers(200, 4096, (5, 2, 40, 48)).astype(np.uint16)
    error = random.integers(-6, 7, original.shape)
    error[3, 1] *= 20
    return original, (original.astype(np.int32) + error).clip(0, 65535).astype(np.uint16)
