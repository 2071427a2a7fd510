"""A restoration looks like its original where that is still in the viewer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from napari.components import ViewerModel
from numpy.typing import NDArray

from napari_irrm.jobs import DownscaleWork, RestoreWork, Settings, session_of

pytestmark = pytest.mark.usefixtures("default_models")

CPU = Settings(device="cpu")


@pytest.fixture
def lr(viewer_model: ViewerModel, pixels: Callable[..., NDArray[Any]]) -> Any:
    """The LR of a layer of six dimensions."""
    plane = pixels(32, 40, dtype="uint16")
    layer = viewer_model.add_image(np.broadcast_to(plane, (2, 1, 1, 2, 32, 40)), name="cells")
    work = DownscaleWork(viewer_model, layer, CPU)
    session_of(viewer_model).queue.submit(work)
    return work.layer


def test_leading_axes_that_were_taken_as_one_do_not_hide_the_original(
    viewer_model: ViewerModel, lr: Any
) -> None:
    viewer_model.layers["cells"].colormap = "magenta"
    work = RestoreWork(viewer_model, lr, CPU)
    session_of(viewer_model).queue.submit(work)
    assert work.layer is not None and work.layer.colormap.name == "magenta"


def test_labels_that_took_the_name_of_the_original_are_not_taken_for_it(
    viewer_model: ViewerModel, lr: Any
) -> None:
    viewer_model.layers.remove("cells")
    viewer_model.add_labels(np.zeros((2, 1, 1, 2, 32, 40), int), name="cells")
    ticket = session_of(viewer_model).queue.submit(RestoreWork(viewer_model, lr, CPU))
    assert ticket.state == "done", ticket.error
