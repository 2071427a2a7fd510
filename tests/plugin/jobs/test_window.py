"""Jobs in a viewer with a window, in napari's own threads."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from napari.utils.notifications import Notification, notification_manager
from numpy.typing import NDArray

from irrm_core.errors import UsageError
from napari_irrm.jobs import Context, RoundtripWork, Settings, State, session_of
from napari_irrm.layers import allocate

pytestmark = pytest.mark.usefixtures("default_models")

TILES = Settings(device="cpu", precision="fp32", tile=32)
PATIENCE = 60_000


def test_a_job_runs_beside_the_window_and_a_cancelled_one_leaves_nothing(
    viewer: Any,
    qtbot: Any,
    stack: Callable[..., NDArray[Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    arrays: list[weakref.ref[Any]] = []

    def noted(*args: Any) -> NDArray[Any]:
        array = allocate(*args)
        arrays.append(weakref.ref(array))
        return array

    layer = viewer.add_image(stack(3, 64, 64), name="cells")
    queue = session_of(viewer).queue
    done = queue.submit(RoundtripWork(viewer, layer, TILES))
    assert done.state is State.RUNNING
    qtbot.waitUntil(lambda: not queue.tickets, timeout=PATIENCE)
    assert [made.name for made in viewer.layers][:3] == ["cells", "cells LR x2", "cells restored"]
    before = list(viewer.layers)

    monkeypatch.setattr("napari_irrm.jobs.growing.allocate", noted)
    long = viewer.add_image(stack(60, 96, 96), name="long")
    ticket = queue.submit(RoundtripWork(viewer, long, TILES))
    qtbot.waitUntil(lambda: len(viewer.layers) > len(before) + 1, timeout=PATIENCE)
    ticket.cancel()
    qtbot.waitUntil(lambda: ticket.ended, timeout=PATIENCE)
    assert ticket.state is State.CANCELLED
    assert list(viewer.layers) == [*before, long]

    def gone() -> bool:
        gc.collect()
        return bool(arrays) and all(array() is None for array in arrays)

    qtbot.waitUntil(gone, timeout=PATIENCE)


def test_an_error_is_one_sentence_in_a_notification(viewer: Any, qtbot: Any) -> None:
    class Failing:
        title = "Downscale cells"

        def run(self, context: Context) -> None:
            raise UsageError("the layer is too odd; choose another")

        def finish(self, result: None) -> None:
            pass

        def abandon(self) -> None:
            pass

    told: list[Notification] = []
    notification_manager.notification_ready.connect(told.append)
    ticket = session_of(viewer).queue.submit(Failing())
    qtbot.waitUntil(lambda: ticket.ended, timeout=PATIENCE)
    notification_manager.notification_ready.disconnect(told.append)
    assert [notification.message for notification in told] == [
        "Downscale cells: the layer is too odd; choose another"
    ]
