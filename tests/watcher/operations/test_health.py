"""Health means fresh, not alive."""

from __future__ import annotations

from dataclasses import replace

from irrm_core.archive.catalogue import State, Summary, Tally
from irrm_watcher.operations.health import ill
from irrm_watcher.operations.heartbeat import SILENT, FolderBeat, Heartbeat

NOW = 1_000_000.0
STALE = 3600.0
BEAT = Heartbeat(
    pid=1,
    host="here",
    version="0",
    once=False,
    started_at=NOW - 90_000,
    beat_at=NOW - 5,
    folders={"photos": FolderBeat(present=True, scanned_at=NOW - 60)},
)
NOTHING = Summary(())


def waiting(since: float, success: float | None = None) -> Summary:
    tally = Tally("photos", State.stable, None, files=3, size=10, stored_size=0)
    return Summary((tally,), oldest_pending=since, last_success=success)


def reasons(beat: Heartbeat | None, summary: Summary = NOTHING, *, running: bool = True) -> str:
    return "; ".join(ill(beat, summary, ["photos"], running=running, now=NOW, stale=STALE))


def test_a_daemon_with_nothing_to_do_is_well_however_long_ago_it_archived_something() -> None:
    assert reasons(BEAT, Summary((), last_success=NOW - 100 * 86400)) == ""


def test_what_was_never_started_is_not_well() -> None:
    assert "nothing was ever watched" in reasons(None, running=False)


def test_a_daemon_that_crashed_or_was_ended_is_not_well() -> None:
    assert "crashed" in reasons(BEAT, running=False)
    assert "was ended" in reasons(replace(BEAT, ended_at=NOW - 5), running=False)


def test_once_is_well_between_its_runs_as_long_as_they_come() -> None:
    once = replace(BEAT, once=True, ended_at=NOW - 50)
    assert reasons(once, running=False) == ""
    old = replace(once, folders={"photos": FolderBeat(True, scanned_at=NOW - STALE - 1)})
    assert "not looked at for 60 minutes" in reasons(old, running=False)


def test_a_daemon_that_runs_but_is_silent_hangs() -> None:
    assert "hangs" in reasons(replace(BEAT, beat_at=NOW - SILENT - 1))


def test_a_daemon_that_runs_but_archives_nothing_of_what_waits_is_not_well() -> None:
    assert "3 files wait" in reasons(BEAT, waiting(NOW - STALE - 1))
    assert "3 files wait" in reasons(BEAT, waiting(NOW - STALE - 9, success=NOW - STALE - 1))


def test_a_backlog_that_is_young_or_is_being_worked_off_is_well() -> None:
    assert reasons(BEAT, waiting(NOW - 10)) == ""
    assert reasons(BEAT, waiting(NOW - 10 * STALE, success=NOW - 10)) == ""


def test_a_folder_that_is_away_for_too_long_is_told_with_its_reason() -> None:
    away = FolderBeat(present=False, away="is its disk mounted?", scanned_at=NOW - STALE - 1)
    assert "is its disk mounted?" in reasons(replace(BEAT, folders={"photos": away}))
    unplugged = replace(away, scanned_at=NOW - 60)
    assert reasons(replace(BEAT, folders={"photos": unplugged})) == ""


def test_a_folder_that_never_was_there_is_told() -> None:
    never = replace(BEAT, folders={"photos": FolderBeat(present=False, away="no disk")})
    assert reasons(never) == "no disk"
    assert "never looked at" in reasons(replace(BEAT, folders={}))


def test_what_stands_in_the_way_is_told_at_once() -> None:
    assert reasons(replace(BEAT, trouble="no space")) == "no space"
