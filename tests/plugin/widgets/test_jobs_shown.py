"""Threads, the list of jobs and the activity dock, with jobs that wait for the test."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
from napari.utils.progress import progress
from qtpy.QtCore import Qt

from irrm_core.errors import UsageError
from napari_irrm.jobs import Context, Session, session_of
from napari_irrm.widgets.parts import JobList


class SlowWork:
    """Goes on, step by step, until it is let go or cancelled."""

    def __init__(self, title: str, error: Exception | None = None) -> None:
        self.title = title
        self.go = threading.Event()
        self.threads: dict[str, int] = {}
        self._error = error

    def run(self, context: Context) -> str:
        """Advance until told to stop."""
        self.threads["run"] = threading.get_ident()
        context.planes(40)
        context.progress.begin("restore", 4000)
        while not self.go.wait(0.005):
            context.progress.advance()
            context.cancel.check()
        if self._error is not None:
            raise self._error
        return "result"

    def finish(self, result: object) -> None:
        """Note the thread."""
        self.threads["finish"] = threading.get_ident()

    def abandon(self) -> None:
        """Note the thread."""
        self.threads["abandon"] = threading.get_ident()


@pytest.fixture
def session(viewer: Any) -> Session:
    """The session of a viewer with a window."""
    return session_of(viewer)


@pytest.fixture
def jobs(qtbot: Any, session: Session) -> JobList:
    """The list of its jobs."""
    jobs = JobList(session.queue)
    qtbot.addWidget(jobs)
    return jobs


def test_a_work_runs_in_a_thread_and_ends_on_the_viewers(qtbot: Any, session: Session) -> None:
    work = SlowWork("Restore cells")
    ticket = session.queue.submit(work)
    qtbot.waitUntil(lambda: ticket.done > 0)
    work.go.set()
    qtbot.waitUntil(lambda: ticket.ended)
    assert work.threads["run"] != threading.get_ident() == work.threads["finish"]


def test_jobs_are_listed_with_progress_one_runs_the_others_wait(
    qtbot: Any, session: Session, jobs: JobList
) -> None:
    assert jobs.isHidden()
    first, second = SlowWork("Downscale cells"), SlowWork("Restore cells")
    for work in (first, second):
        session.queue.submit(work)
    qtbot.waitUntil(lambda: jobs.rows[0].bar.value() > 0)
    assert jobs.rows[0].text.said.startswith("Restore · plane 1 of 40")
    assert jobs.rows[1].text.said == "Waiting"
    assert jobs.rows[1].bar.isHidden()
    first.go.set()
    second.go.set()
    qtbot.waitUntil(lambda: [row.text.said for row in jobs.rows] == ["Done", "Done"])
    assert jobs.rows[0].cancel.isHidden()


def test_cancel_stops_a_running_job_and_takes_a_waiting_one_out(
    qtbot: Any, session: Session, jobs: JobList
) -> None:
    first, second, third = (SlowWork(f"job {i}") for i in range(3))
    for work in (first, second, third):
        session.queue.submit(work)
    qtbot.mouseClick(jobs.rows[1].cancel, Qt.MouseButton.LeftButton)
    running = next(row for row in jobs.rows if row.ticket.title == "job 0")
    qtbot.mouseClick(running.cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: third.threads.get("run") is not None)
    third.go.set()
    qtbot.waitUntil(lambda: not session.queue.tickets)
    assert first.threads["abandon"] == threading.get_ident()
    assert not second.threads
    assert {row.ticket.title: row.text.said for row in jobs.rows} == {
        "job 1": "Cancelled",
        "job 0": "Cancelled",
        "job 2": "Done",
    }


def test_an_error_is_a_sentence_in_the_list_and_a_notification(
    qtbot: Any, session: Session, jobs: JobList
) -> None:
    from napari.utils.notifications import notification_manager

    work = SlowWork("Restore cells", UsageError("there is no record; choose a model to assume"))
    work.go.set()
    with notification_manager:
        notification_manager.records.clear()
        session.queue.submit(work)
        qtbot.waitUntil(lambda: not session.queue.tickets)
        told = [record.message for record in notification_manager.records]
    assert jobs.rows[0].text.said == "there is no record; choose a model to assume"
    assert told == ["Restore cells: there is no record; choose a model to assume"]


def test_only_the_last_ended_jobs_stay_listed(qtbot: Any, session: Session, jobs: JobList) -> None:
    for number in range(5):
        work = SlowWork(f"job {number}")
        work.go.set()
        session.queue.submit(work)
    qtbot.waitUntil(lambda: not session.queue.tickets)
    assert [row.ticket.title for row in jobs.rows] == ["job 2", "job 3", "job 4"]


def test_a_list_that_opens_later_shows_what_runs(qtbot: Any, session: Session) -> None:
    work = SlowWork("Restore cells")
    session.queue.submit(work)
    jobs = JobList(session.queue)
    qtbot.addWidget(jobs)
    assert [row.ticket.title for row in jobs.rows] == ["Restore cells"]
    work.go.set()
    qtbot.waitUntil(lambda: not session.queue.tickets)


def test_the_activity_dock_shows_the_job_and_cancels_it(
    qtbot: Any, viewer: Any, session: Session
) -> None:
    from napari._qt.widgets.qt_progress_bar import QtLabeledProgressBar

    ticket = session.queue.submit(SlowWork("Restore cells"))
    dialog = viewer.window._qt_window._activity_dialog
    qtbot.waitUntil(lambda: dialog.findChildren(QtLabeledProgressBar) != [])
    (bar,) = dialog.findChildren(QtLabeledProgressBar)
    assert bar.description_label.text() == "Restore cells: "
    qtbot.waitUntil(lambda: bar._get_value() > 0)
    qtbot.mouseClick(bar.cancel_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: ticket.ended)
    assert ticket.state == "cancelled"
    assert not progress._all_instances


def test_closing_the_window_cancels_the_jobs(qtbot: Any, viewer: Any, session: Session) -> None:
    viewer.add_image(np.zeros((4, 4)))
    tickets = [session.queue.submit(SlowWork(title)) for title in ("one", "two")]
    qtbot.waitUntil(lambda: tickets[0].done > 0)
    viewer.close()
    qtbot.waitUntil(lambda: all(ticket.ended for ticket in tickets))
    assert {ticket.state.value for ticket in tickets} == {"cancelled"}


def test_napari_goes_through_its_tasks_undisturbed_when_it_cancels_them(
    qtbot: Any, viewer: Any, session: Session
) -> None:
    tickets = [session.queue.submit(SlowWork(title)) for title in ("one", "two")]
    told: list[object] = []
    for signal in (session.queue.changed, session.queue.progressed, session.queue.ended):
        signal.connect(lambda *_: told.append(1))
    viewer.window._task_status_manager.cancel_all()
    # Whoever is told may handle events, in which tasks begin and end.
    assert told == []
    qtbot.waitUntil(lambda: all(ticket.ended for ticket in tickets))
    assert {ticket.state.value for ticket in tickets} == {"cancelled"}


def test_the_activity_dock_is_at_rest_after_jobs_of_any_length(
    qtbot: Any, viewer: Any, session: Session
) -> None:
    for number in range(4):
        work = SlowWork(f"job {number}")
        session.queue.submit(work)
        qtbot.wait(number * 120)
        work.go.set()
    qtbot.waitUntil(lambda: not session.queue.tickets)
    indicator = viewer.window._status_bar._activity_item._inProgressIndicator
    qtbot.waitUntil(indicator.isHidden)
    assert not progress._all_instances
