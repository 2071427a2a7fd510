"""Worker processes: what they are told, whenever it comes."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from irrm_core.archive.store import Store
from irrm_watcher.pipeline.jobs import Hash, Hashed, Settings
from irrm_watcher.pipeline.workers import Workers

_ONLY_IN_THE_MAIN_THREAD = """
__import__("irrm_watcher.pipeline.jobs").pipeline.jobs.Hash(__import__("pathlib").Path({path!r}))
if __import__("threading").current_thread() is __import__("threading").main_thread() else 1 / 0
"""


class Particular:
    """A job that is unpickled in the main thread or not at all."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return eval, (_ONLY_IN_THE_MAIN_THREAD.format(path=str(self.path)).replace("\n", " "),)


class Unreadable:
    """A job that cannot be unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return eval, ("1 / 0",)


@pytest.fixture
def workers(tmp_path: Path) -> Any:
    store = Store.create(tmp_path / "store")
    workers = Workers(1, Settings(store.path, store.catalogue, 1, "cpu"))
    yield workers
    workers.end()


def outcome(workers: Workers) -> Any:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        for _, result in workers.results():
            return result
        time.sleep(0.01)
    raise AssertionError("the worker never answered")


def test_a_job_that_comes_while_a_worker_starts_is_read_when_it_has_started(
    workers: Workers, tmp_path: Path
) -> None:
    # Two threads that import the same packages at once can fail, which lost the job for good.
    source = tmp_path / "notes.txt"
    source.write_bytes(b"notes")
    workers.begin("task", Particular(source), 5)  # type: ignore[arg-type]
    assert isinstance(outcome(workers), Hashed)


def test_a_message_that_cannot_be_read_ends_the_worker_and_not_the_queue(
    workers: Workers, tmp_path: Path
) -> None:
    source = tmp_path / "notes.txt"
    source.write_bytes(b"notes")
    workers.begin("task", Unreadable(), 5)  # type: ignore[arg-type]
    assert outcome(workers).kind == "crash"
    workers.begin("task", Hash(source), 5)
    assert isinstance(outcome(workers), Hashed)
