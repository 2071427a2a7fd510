"""Cancel and errors: within one tile, and nothing is left."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from napari.components import ViewerModel
from numpy.typing import NDArray

from napari_irrm.jobs import (
    DownscaleWork,
    RestoreWork,
    RoundtripWork,
    Session,
    Settings,
    State,
    Ticket,
    Work,
)
from napari_irrm.layers import allocate

from .conftest import ThreadExecutor

pytestmark = pytest.mark.usefixtures("default_models")

TILES = Settings(device="cpu", precision="fp32", tile=32)


@pytest.fixture(autouse=True)
def every_step_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("napari_irrm.jobs.report.PERIOD", 0)


def _cancel_at(session: Session, what: str, step: int) -> list[tuple[str, int]]:
    """Cancel at a step of a piece of work; return the steps that were told."""
    told: list[tuple[str, int]] = []

    def look(ticket: Ticket) -> None:
        told.append((ticket.what, ticket.done))
        if (ticket.what, ticket.done) == (what, step) and not ticket.cancelling.cancelled:
            ticket.cancel()

    session.queue.progressed.connect(look)
    return told


@pytest.mark.parametrize(
    ("what", "step"),
    [("downscale", 1), ("downscale", 14), ("check", 3), ("check", 20), ("check", 36)],
)
def test_cancel_answers_within_one_tile_and_leaves_no_layer(
    viewer_model: ViewerModel,
    session: Session,
    stack: Callable[..., NDArray[Any]],
    what: str,
    step: int,
) -> None:
    layer = viewer_model.add_image(stack(4, 96, 96))
    told = _cancel_at(session, what, step)
    ticket = session.queue.submit(RoundtripWork(viewer_model, layer, TILES))
    assert ticket.state is State.CANCELLED
    assert max(done for piece, done in told if piece == what) == step
    assert list(viewer_model.layers) == [layer]
    assert session.said == []  # type: ignore[attr-defined]


def test_a_scan_is_cancelled_between_planes(viewer_model: ViewerModel, session: Session) -> None:
    class Slow:
        """A stack that cancels the job when its third plane is read."""

        shape, dtype, ndim = (50, 32, 32), np.dtype(np.uint16), 3
        read = 0

        def __getitem__(self, index: Any) -> NDArray[Any]:
            self.read += 1
            if self.read > 2 and session.queue.tickets:
                session.queue.tickets[0].cancel()
            return np.zeros(self.shape, self.dtype)[index]

    data = Slow()
    layer = viewer_model.add_image(data, contrast_limits=(0, 1), multiscale=False)
    data.read = 0
    ticket = session.queue.submit(DownscaleWork(viewer_model, layer, TILES))
    assert ticket.state is State.CANCELLED
    assert data.read <= 4
    assert list(viewer_model.layers) == [layer]


def test_a_cancelled_restoration_leaves_the_lr_as_it_was(
    viewer_model: ViewerModel, session: Session, stack: Callable[..., NDArray[Any]]
) -> None:
    layer = viewer_model.add_image(stack(4, 64, 64))
    session.queue.submit(DownscaleWork(viewer_model, layer, TILES))
    lr = viewer_model.layers[-1]
    _cancel_at(session, "restore", 6)
    ticket = session.queue.submit(RestoreWork(viewer_model, lr, TILES))
    assert ticket.state is State.CANCELLED
    assert list(viewer_model.layers) == [layer, lr]


def test_cancelling_from_another_thread_answers_and_the_next_job_runs(
    viewer_model: ViewerModel,
    session: Session,
    executor: ThreadExecutor,
    stack: Callable[..., NDArray[Any]],
) -> None:
    session.executor = executor
    layer = viewer_model.add_image(stack(30, 96, 96))
    first = session.queue.submit(RoundtripWork(viewer_model, layer, TILES))
    second = session.queue.submit(DownscaleWork(viewer_model, layer, TILES))
    executor.until(lambda: len(viewer_model.layers) > 1)
    first.cancel()
    executor.until(lambda: second.ended)
    assert (first.state, second.state) == (State.CANCELLED, State.DONE)
    assert len(viewer_model.layers) == 2


class _Reading:
    """An array that cannot be read to the end."""

    def __init__(self, pixels: NDArray[Any]) -> None:
        self._pixels = pixels
        self.shape, self.dtype, self.ndim = pixels.shape, pixels.dtype, pixels.ndim
        self.good = True

    def __getitem__(self, index: Any) -> Any:
        part = self._pixels[index]
        if not self.good and index[0] == 2:
            raise OSError("the disk is gone")
        return part


def test_an_error_in_the_middle_leaves_no_layer(
    viewer_model: ViewerModel, session: Session, stack: Callable[..., NDArray[Any]]
) -> None:
    data = _Reading(stack(4, 64, 64, dtype="uint8"))
    layer = viewer_model.add_image(data, contrast_limits=(0, 255), multiscale=False)
    data.good = False
    ticket = session.queue.submit(DownscaleWork(viewer_model, layer, TILES))
    assert ticket.state is State.FAILED
    assert "the disk is gone" in ticket.error
    assert session.said == [ticket.error]  # type: ignore[attr-defined]
    assert list(viewer_model.layers) == [layer]


@pytest.mark.parametrize("ending", ["cancel", "error"])
def test_nothing_is_held_after_cancel_or_error(
    viewer_model: ViewerModel,
    session: Session,
    stack: Callable[..., NDArray[Any]],
    monkeypatch: pytest.MonkeyPatch,
    ending: str,
) -> None:
    arrays: list[weakref.ref[Any]] = []

    def noted(*args: Any) -> NDArray[Any]:
        array = allocate(*args)
        arrays.append(weakref.ref(array))
        return array

    monkeypatch.setattr("napari_irrm.jobs.growing.allocate", noted)
    pixels = stack(4, 64, 64, dtype="uint8")
    data = _Reading(pixels)
    layer = viewer_model.add_image(data, contrast_limits=(0, 255), multiscale=False)
    if ending == "cancel":
        _cancel_at(session, "check", 9)
    else:
        data.good = False
    work: Work = RoundtripWork(viewer_model, layer, TILES)
    gone = weakref.ref(work)
    ticket = session.queue.submit(work)
    assert ticket.ended
    assert ticket.state is not State.DONE
    model = weakref.ref(session.pool.rescaler("irrm-fast-gray-x2", device="cpu", tile=32))
    session.queue.release_models()
    del work
    gc.collect()
    assert gone() is None
    assert arrays
    assert all(array() is None for array in arrays)
    assert model() is None
    viewer_model.layers.clear()
