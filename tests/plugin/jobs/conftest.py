"""Threads without a window: what is called on the viewer's thread waits until it is let."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from napari.components import ViewerModel
from numpy.typing import NDArray

from napari_irrm.jobs import Session, session_of

PATIENCE = 60


class ThreadExecutor:
    """Real threads, and calls that this thread makes in `until`."""

    def __init__(self) -> None:
        self._calls: queue.Queue[Callable[[], None]] = queue.Queue()
        self.threads: list[threading.Thread] = []
        # As napari's workers do.
        self.kept: list[Callable[[], None]] = []
        self.calls_in: set[int] = set()

    def start(self, work: Callable[[], None]) -> None:
        self.kept.append(work)
        thread = threading.Thread(target=work)
        self.threads.append(thread)
        thread.start()

    def call(self, what: Callable[[], None]) -> None:
        self._calls.put(what)

    def until(self, condition: Callable[[], bool]) -> None:
        """Make calls until something is so."""
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, "waited in vain"
            try:
                what = self._calls.get(timeout=0.05)
            except queue.Empty:
                continue
            self.calls_in.add(threading.get_ident())
            what()


@pytest.fixture
def executor() -> Iterator[ThreadExecutor]:
    """Threads, ended with the test."""
    executor = ThreadExecutor()
    yield executor
    for thread in executor.threads:
        thread.join(PATIENCE)


@pytest.fixture
def session(viewer_model: ViewerModel) -> Session:
    """The session of the viewer; what it says is kept in `said`."""
    session = session_of(viewer_model)
    session.said = []  # type: ignore[attr-defined]
    session.notify = session.alarm = session.said.append  # type: ignore[attr-defined]
    return session


@pytest.fixture
def stack() -> Callable[..., NDArray[Any]]:
    """Make a stack of smooth planes that differ."""

    def make(*shape: int, dtype: str = "uint16") -> NDArray[Any]:
        y, x = np.mgrid[: shape[-2], : shape[-1]].astype(float)
        planes = [
            200 * (2 + np.sin(x / 7 + n) * np.cos(y / 9) + n)
            for n in range(int(np.prod(shape[:-2])))
        ]
        array: NDArray[Any] = np.stack(planes).reshape(shape).astype(dtype)
        return array

    return make
