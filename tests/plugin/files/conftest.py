"""LR files as the command and the library write them, with small models."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from irrm_core import Rescaler
from irrm_core.archive import downscale_file
from irrm_core.imagefile import SourceMetadata, write_image

Pixels = Callable[..., NDArray[Any]]


@pytest.fixture
def lr_file(tmp_path: Path, default_models: Path) -> Callable[..., Path]:
    """Write an original and its LR file; return the latter."""

    def make(
        name: str,
        image: NDArray[Any],
        model: str,
        *,
        axes: str | None = None,
        metadata: SourceMetadata | None = None,
        format: str | None = None,
    ) -> Path:
        source = tmp_path / name
        write_image(source, image, axes=axes, metadata=metadata)
        made = downscale_file(source, None, Rescaler(model, device="cpu"), format=format)
        return made.target

    return make


@pytest.fixture
def photo_lr(lr_file: Callable[..., Path], pixels: Pixels) -> Path:
    """``photo.png.irrm.png``, x4, of (130, 150, 3): napari takes smaller LRs for stacks."""
    return lr_file("photo.png", pixels(130, 150, 3), "irrm-fast-x4")


@pytest.fixture
def deep(pixels: Pixels) -> NDArray[Any]:
    """A stack (3, 2, 33, 46), ZCYX, of 16 bits."""
    image = pixels(33, 46, 2, 3, dtype="uint16") // 11
    return np.ascontiguousarray(np.moveaxis(image, (2, 3), (1, 0)))
