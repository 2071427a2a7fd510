"""Small images lie on their large ones as they are drawn, too."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from irrm_core.engine import Layout
from napari_irrm.layers import image_of, lr_arguments, pyramid, restored_arguments

from .conftest import blob, block_means, centroid, make_record


def _drawn(viewer: Any, layer: Any) -> tuple[float, float]:
    for other in viewer.layers:
        other.visible = other is layer
    picture = viewer.screenshot(canvas_only=True, flash=False)
    return centroid(picture[..., 0])


@pytest.mark.parametrize("place", [{}, {"scale": (0.3, 0.2), "rotate": 30}])
def test_a_blob_is_drawn_at_one_place_in_all_sizes(
    shown_viewer: Any, place: dict[str, Any]
) -> None:
    image = (60000 * blob(1024, 1024, 420.0, 540.0, sigma=50.0)).astype(np.uint16)
    layer = shown_viewer.add_image(image, contrast_limits=(0, 60000), **place)
    record = make_record("YX", image.shape, scale=4, ranges=((0, 60000),))
    pixels = np.rint(record.mappings[0].to_unit(block_means(image, 4)) * 65535).astype(np.uint16)
    lr = shown_viewer.add_image(pixels, **lr_arguments(layer, image_of(layer), record))
    levels = pyramid(image, "YX", large=1000, smallest=256)
    levels.plane_done(next(Layout("YX", image.shape).planes()))
    restored = shown_viewer.add_image(
        list(levels.levels), multiscale=True, **restored_arguments(lr, record, of=layer)
    )
    shown_viewer.reset_view()
    here = _drawn(shown_viewer, layer)
    assert _drawn(shown_viewer, lr) == pytest.approx(here, abs=0.1)
    assert _drawn(shown_viewer, restored) == pytest.approx(here, abs=0.1)
