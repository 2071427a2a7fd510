"""One job at a time, in order, with cancel and errors."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from psygnal import EmitLoopError

from irrm_core.errors import UsageError
from napari_irrm.jobs import Context, InlineExecutor, JobQueue, ModelPool, State, Ticket

from .conftest import ThreadExecutor


class _Work:
    """Notes what is called; runs what it is given."""

    def __init__(
        self,
        title: str = "Job",
        run: Callable[[Context], Any] = lambda _: None,
        then: Callable[[], Any] = lambda: None,
    ) -> None:
        self.title = title
        self._run = run
        self._then = then
        self.calls: list[Any] = []
        self.ran_in: int | None = None

    def run(self, context: Context) -> Any:
        self.ran_in = threading.get_ident()
        return self._run(context)

    def finish(self, result: Any) -> None:
        self.calls.append(("finish", result))
        self._then()

    def abandon(self) -> None:
        self.calls.append("abandon")


@pytest.fixture
def threaded(executor: ThreadExecutor) -> JobQueue:
    """A queue with threads."""
    return JobQueue(executor, ModelPool())


def _until_cancelled(context: Context) -> None:
    while True:
        context.cancel.check()


def test_a_work_runs_in_a_thread_and_finishes_in_the_viewers(
    threaded: JobQueue, executor: ThreadExecutor
) -> None:
    work = _Work(run=lambda _: 7)
    ticket = threaded.submit(work)
    assert threaded.tickets[0].state is State.RUNNING
    executor.until(lambda: ticket.ended)
    assert ticket.state is State.DONE
    assert work.calls == [("finish", 7)]
    assert work.ran_in != threading.get_ident()
    assert executor.calls_in == {threading.get_ident()}


def test_jobs_run_one_after_the_other_in_their_order(
    threaded: JobQueue, executor: ThreadExecutor
) -> None:
    running: list[str] = []
    overlaps: list[int] = []

    def run(name: str) -> Callable[[Context], None]:
        def go(_: Context) -> None:
            running.append(name)
            overlaps.append(sum(thread.is_alive() for thread in executor.threads))

        return go

    tickets = [threaded.submit(_Work(name, run(name))) for name in "abc"]
    assert [ticket.state for ticket in tickets] == [State.RUNNING, State.WAITING, State.WAITING]
    assert list(threaded.tickets) == tickets
    executor.until(lambda: all(ticket.ended for ticket in tickets))
    assert running == ["a", "b", "c"]
    assert threaded.tickets == ()


def test_a_running_job_is_cancelled_at_its_next_check(
    threaded: JobQueue, executor: ThreadExecutor
) -> None:
    work = _Work(run=_until_cancelled)
    ticket = threaded.submit(work)
    ticket.cancel()
    executor.until(lambda: ticket.ended)
    assert ticket.state is State.CANCELLED
    assert work.calls == ["abandon"]
    assert not ticket.error


def test_a_waiting_job_is_cancelled_at_once_and_never_runs(
    threaded: JobQueue, executor: ThreadExecutor
) -> None:
    first, second = _Work(run=_until_cancelled), _Work()
    running, waiting = threaded.submit(first), threaded.submit(second)
    waiting.cancel()
    assert waiting.state is State.CANCELLED
    assert running.state is State.RUNNING
    running.cancel()
    executor.until(lambda: running.ended)
    assert second.ran_in is None
    assert second.calls == []


def test_cancelling_all_starts_none_of_those_that_waited(
    threaded: JobQueue, executor: ThreadExecutor
) -> None:
    works = [_Work(run=_until_cancelled) for _ in range(3)]
    tickets = [threaded.submit(work) for work in works]
    threaded.cancel_all()
    executor.until(lambda: all(ticket.ended for ticket in tickets))
    assert {ticket.state for ticket in tickets} == {State.CANCELLED}
    assert [work.ran_in is None for work in works] == [False, True, True]


def test_a_job_that_is_cancelled_when_it_is_done_leaves_nothing(
    threaded: JobQueue, executor: ThreadExecutor
) -> None:
    work = _Work()
    ticket = threaded.submit(work)
    executor.threads[0].join()
    ticket.cancel()
    executor.until(lambda: ticket.ended)
    assert ticket.state is State.CANCELLED
    assert work.calls == ["abandon"]


def test_an_error_is_one_sentence_with_the_name_of_the_job() -> None:
    def fail(_: Context) -> None:
        raise UsageError("the scale is odd; choose 2")

    work = _Work("Downscale cells", fail)
    ticket = JobQueue(InlineExecutor(), ModelPool()).submit(work)
    assert ticket.state is State.FAILED
    assert ticket.error == "Downscale cells: the scale is odd; choose 2"
    assert work.calls == ["abandon"]


def test_an_unexpected_error_is_logged_and_told_in_a_sentence(
    caplog: pytest.LogCaptureFixture,
) -> None:
    ticket = JobQueue(InlineExecutor(), ModelPool()).submit(_Work("Job", lambda _: 1 / 0))
    assert ticket.error.startswith("Job failed unexpectedly (ZeroDivisionError: ")
    assert "Traceback" in caplog.text


def test_an_array_that_cannot_be_read_is_no_fault_of_the_plugin() -> None:
    def fail(_: Context) -> None:
        raise OSError("chunk 2 is not there")

    ticket = JobQueue(InlineExecutor(), ModelPool()).submit(_Work("Job", fail))
    assert ticket.error.startswith("Job: reading or writing failed (OSError: chunk 2 is not there)")


def test_running_out_of_memory_is_told_with_a_remedy() -> None:
    def fail(_: Context) -> None:
        raise MemoryError

    ticket = JobQueue(InlineExecutor(), ModelPool()).submit(_Work("Job", fail))
    assert "not enough memory; close" in ticket.error


def test_a_job_fails_when_what_it_shows_fails(threaded: JobQueue, executor: ThreadExecutor) -> None:
    def show(context: Context) -> None:
        context.show(lambda: [][0])  # noqa: PLE0643
        _until_cancelled(context)

    work = _Work("Job", show)
    ticket = threaded.submit(work)
    executor.until(lambda: ticket.ended)
    assert ticket.state is State.FAILED
    assert "IndexError" in ticket.error
    assert work.calls == ["abandon"]


def test_a_job_that_cannot_be_finished_is_abandoned() -> None:
    class Unfinished(_Work):
        def finish(self, result: Any) -> None:
            raise UsageError("no room; close a layer")

    work = Unfinished("Job")
    ticket = JobQueue(InlineExecutor(), ModelPool()).submit(work)
    assert ticket.error == "Job: no room; close a layer"
    assert work.calls == ["abandon"]


def test_the_next_job_runs_after_one_that_failed(
    threaded: JobQueue, executor: ThreadExecutor
) -> None:
    failed, next_one = threaded.submit(_Work(run=lambda _: 1 / 0)), threaded.submit(_Work())
    executor.until(lambda: next_one.ended)
    assert (failed.state, next_one.state) == (State.FAILED, State.DONE)


def test_jobs_go_on_when_somebody_who_listens_fails(
    threaded: JobQueue, executor: ThreadExecutor
) -> None:
    def fail(ticket: Ticket) -> None:
        raise ValueError(ticket.title)

    threaded.ended.connect(fail)
    _, second = threaded.submit(_Work()), threaded.submit(_Work())
    with pytest.raises(EmitLoopError):
        executor.until(lambda: False)
    threaded.ended.disconnect(fail)
    executor.until(lambda: second.ended)
    assert second.state is State.DONE


def test_a_job_submitted_by_another_one_follows_it() -> None:
    queue = JobQueue(InlineExecutor(), ModelPool())
    second = _Work("second")
    first = _Work("first", then=lambda: queue.submit(second))
    ended: list[str] = []
    queue.ended.connect(lambda ticket: ended.append(ticket.title))
    queue.submit(first)
    assert ended == ["first", "second"]
    assert second.calls == [("finish", None)]


def test_progress_is_told_by_piece_plane_and_time_left() -> None:
    queue = JobQueue(InlineExecutor(), ModelPool())
    seen: list[tuple[str, int, int, int, int]] = []

    def run(context: Context) -> None:
        context.planes(2)
        context.progress.begin("downscale", 8)
        for _ in range(8):
            context.progress.advance()
        context.progress.end()

    def note(ticket: Ticket) -> None:
        seen.append((ticket.what, ticket.done, ticket.total, ticket.plane, ticket.planes))

    queue.progressed.connect(note)
    ticket = queue.submit(_Work(run=run))
    assert seen[0] == ("downscale", 0, 8, 1, 2)
    assert seen[-1] == ("downscale", 8, 8, 2, 2)
    assert ticket.seconds_left == 0


@pytest.mark.parametrize("ending", ["cancelled", "failed", "done"])
def test_nothing_of_an_ended_job_is_kept(
    threaded: JobQueue, executor: ThreadExecutor, ending: str
) -> None:
    def run(context: Context) -> Any:
        array = np.zeros(1000)
        arrays.append(weakref.ref(array))
        if ending == "failed":
            raise UsageError("no; do otherwise")
        if ending == "cancelled":
            _until_cancelled(context)
        return array

    arrays: list[weakref.ref[Any]] = []
    work = _Work(run=run)
    gone = weakref.ref(work)
    ticket = threaded.submit(work)
    del work, run
    if ending == "cancelled":
        executor.until(lambda: bool(arrays))
        ticket.cancel()
    executor.until(lambda: ticket.ended)
    executor.threads[0].join()
    assert ticket.state == ending
    gc.collect()
    assert gone() is None
    assert arrays[0]() is None


def test_models_are_released_when_the_running_job_has_ended(executor: ThreadExecutor) -> None:
    class Pool(ModelPool):
        released = 0

        def release(self) -> None:
            self.released += 1

    pool = Pool()
    queue = JobQueue(executor, pool)
    queue.release_models()
    assert pool.released == 1
    ticket = queue.submit(_Work(run=_until_cancelled))
    queue.release_models()
    assert pool.released == 1
    ticket.cancel()
    executor.until(lambda: ticket.ended)
    assert pool.released == 2
