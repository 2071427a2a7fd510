"""A controller, its session, and layers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from napari.components import ViewerModel
from numpy.typing import NDArray

from napari_irrm.jobs import Session, session_of
from napari_irrm.rescaling import RescaleController

from ..jobs.conftest import ThreadExecutor


@pytest.fixture(autouse=True)
def models(default_models: Path) -> Path:
    return default_models


@pytest.fixture
def session(viewer_model: ViewerModel) -> Session:
    """The session of the viewer; what it says is kept in `said`."""
    session = session_of(viewer_model)
    session.said = []  # type: ignore[attr-defined]
    session.notify = session.alarm = session.said.append  # type: ignore[attr-defined]
    return session


@pytest.fixture
def executor() -> Iterator[ThreadExecutor]:
    """Threads, ended with the test."""
    executor = ThreadExecutor()
    yield executor
    for thread in executor.threads:
        thread.join(60)


@pytest.fixture
def controller(viewer_model: ViewerModel, session: Session) -> RescaleController:
    """A controller on the CPU, without a layer."""
    controller = RescaleController(viewer_model)
    controller.device = "cpu"
    return controller


@pytest.fixture
def cells(viewer_model: ViewerModel, pixels: Callable[..., NDArray[Any]]) -> Any:
    """A gray stack of 16 bits."""
    plane = pixels(60, 70, dtype="uint16")
    return viewer_model.add_image(np.stack([plane, plane // 2, plane // 3]), name="cells")


@pytest.fixture
def street(viewer_model: ViewerModel, pixels: Callable[..., NDArray[Any]]) -> Any:
    """A photograph."""
    return viewer_model.add_image(pixels(60, 70, 3), rgb=True, name="street")
