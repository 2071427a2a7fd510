"""The log: a line an event."""

from __future__ import annotations

import io
import json

import pytest

from irrm_core.archive.catalogue import Entry, State, StorageClass
from irrm_watcher.operations.log import Log
from irrm_watcher.operations.several import Several
from irrm_watcher.pipeline.observer import Observer, Scanned
from irrm_watcher.scan import Watching

ENTRY = Entry(
    id=1,
    root="photos",
    path=b"two\nlines \xff.png",
    version=2,
    state=State.committed,
    storage=StorageClass.lr,
    size=1000,
    stored_size=300,
    mtime_ns=0,
    mode=0o100644,
    seen_at=0.0,
    changed_at=0.0,
    reason="too small a saving",
    measured={"psnr": 38.5},
)


def everything(log: Observer) -> None:
    log.started({"claimed": 1, "verified": 0}, {"photos": Watching(False, "is polled")})
    log.scanned(Scanned("photos", "start", 3, {"new": 2, "gone": 0}, seconds=0.5))
    log.claimed(ENTRY)
    log.committed(ENTRY)
    log.quarantined(ENTRY)
    log.purged(ENTRY)
    log.kept(ENTRY)
    log.returned(ENTRY, "changed")
    log.retrying(ENTRY, "no memory")
    log.failed(ENTRY, "damaged")
    log.trouble("no space")
    log.resting("paused")
    log.beat(1, 1)
    log.idle()
    log.stopping()


def test_every_event_is_one_line_of_json_with_its_level() -> None:
    stream = io.StringIO()
    everything(Log("json", stream))
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    levels = {line["event"]: line["level"] for line in lines}
    assert levels["failed"] == levels["trouble"] == "error"
    assert levels["retrying"] == "warning"
    assert levels["committed"] == "info"
    (committed,) = (line for line in lines if line["event"] == "committed")
    assert committed["path"] == "two\nlines \udcff.png"
    assert (committed["class"], committed["stored"], committed["psnr"]) == ("lr", 300, 38.5)


def test_no_name_forges_a_second_line_of_text() -> None:
    stream = io.StringIO()
    everything(Log("text", stream))
    lines = stream.getvalue().splitlines()
    assert len(lines) == 14
    assert all(line.isprintable() and line.isascii() for line in lines)
    assert any(r'path="two\nlines \udcff.png"' in line for line in lines)


def test_a_folder_that_is_away_is_told_once_and_that_it_is_back() -> None:
    stream = io.StringIO()
    log = Log("text", stream)
    for _ in range(3):
        log.scanned(Scanned("photos", "period", away="no disk"))
    log.scanned(Scanned("photos", "period", 3))
    events = [line.split()[2] for line in stream.getvalue().splitlines()]
    assert events == ["away", "back", "scanned"]


def test_a_log_that_nobody_can_write_does_not_stop_the_work() -> None:
    stream = io.StringIO()
    stream.close()
    everything(Log("text", stream))


def test_the_mistake_of_one_observer_is_told_and_the_others_hear_the_event() -> None:
    class Broken(Observer):
        def idle(self) -> None:
            raise RuntimeError("oh")

    stream, said = io.StringIO(), list[str]()
    everything(Several([Broken(), Log("text", stream)], said.append))
    assert said == ["Broken failed at 'idle': RuntimeError: oh"]
    assert "idle" in stream.getvalue()


@pytest.mark.parametrize("event", [name for name in vars(Observer) if not name.startswith("_")])
def test_several_pass_on_every_event_that_there_is(event: str) -> None:
    assert event in vars(Several)
