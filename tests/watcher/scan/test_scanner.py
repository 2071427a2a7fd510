"""A watched folder, the clock and a catalogue: what a scan decides."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from irrm_core.archive.catalogue import State
from irrm_watcher.scan import (
    Decision,
    Series,
    Taking,
    What,
)

from .ground import DELAY, Ground, said


def test_a_file_is_taken_once_it_was_quiet_for_the_delay(ground: Ground) -> None:
    path = ground.write("a.png")
    first = ground.scan()
    assert not first.decisions and first.waiting == 1 and first.due == ground.now + DELAY
    ground.now += DELAY - 0.1
    assert not ground.scan().decisions
    ground.now += 0.1
    assert said(ground.scan()) == {path: What.NEW}
    assert ground.scan().decisions == ()


def test_a_file_written_in_twenty_pieces_is_taken_once_and_whole(ground: Ground) -> None:
    taken: list[Decision] = []
    for piece in range(20):
        with (ground.root / "slow.png").open("ab") as stream:
            stream.write(b"%02d" % piece * 50)
        taken += ground.scan([b"slow.png"]).decisions
        ground.now += DELAY * 0.9
    for _ in range(5):
        taken += ground.scan([]).decisions
        ground.now += DELAY
    assert [decision.found and decision.found.signature.size for decision in taken] == [20 * 100]


def test_a_file_that_somebody_still_writes_waits_until_it_is_closed(ground: Ground) -> None:
    path = ground.write("open.png")
    with (ground.root / "open.png").open("ab"):
        assert ground.settled() == {}
    assert ground.settled() == {path: What.NEW}


def test_a_wrong_time_of_the_file_or_the_wall_clock_changes_nothing(ground: Ground) -> None:
    for name, time in (("past", 0), ("future", 4_000_000_000)):
        ground.write(name)
        os.utime(ground.root / name, (time, time))
    assert not ground.scan().decisions
    ground.now += DELAY
    assert said(ground.scan()) == {b"past": What.NEW, b"future": What.NEW}


def test_a_change_that_hides_its_time_and_size_is_seen(ground: Ground) -> None:
    ground.write("a", b"one")
    status = (ground.root / "a").stat()
    ground.scan()
    ground.now += DELAY
    ground.write("a", b"two")
    os.utime(ground.root / "a", ns=(status.st_atime_ns, status.st_mtime_ns))
    assert not ground.scan().decisions


def test_an_unchanged_file_needs_nothing(ground: Ground) -> None:
    ground.write("a")
    ground.take_all()
    again = ground.scan()
    assert again.decisions == () and again.files == 1 and again.due is None


def test_touched_changed_gone_and_returned_files_are_told_apart(ground: Ground) -> None:
    for name in ("touched", "changed", "gone", "back"):
        ground.write(name)
    ground.take_all()
    os.utime(ground.root / "touched", (1, 1))
    ground.write("changed", b"longer content")
    (ground.root / "gone").unlink()
    ground.rows[b"back"] = replace(ground.rows[b"back"], present=False)
    assert ground.settled() == {
        b"touched": What.TOUCHED,
        b"changed": What.CHANGED,
        b"gone": What.GONE,
        b"back": What.RETURNED,
    }


def test_another_number_of_the_same_device_changes_nothing(ground: Ground) -> None:
    ground.write("a")
    ground.take_all()
    ground.rows[b"a"] = replace(ground.rows[b"a"], device=12345)
    assert ground.settled() == {}


def test_a_file_seen_before_a_restart_is_still_to_be_taken(ground: Ground) -> None:
    path = ground.write("a")
    ground.take_all()
    ground.rows[path] = replace(ground.rows[path], state=State.seen)
    ground.scanner = ground.make_scanner()
    assert ground.settled() == {path: What.NEW}


def test_a_decision_that_is_taken_back_comes_again(ground: Ground) -> None:
    path = ground.write("a")
    assert ground.settled() == {path: What.NEW}
    assert ground.settled() == {}
    ground.scanner.again(path)
    assert ground.settled() == {path: What.NEW}


def test_a_path_that_vanished_is_not_waited_for(ground: Ground) -> None:
    ground.write("a")
    ground.scan([b"a"])
    (ground.root / "a").unlink()
    ground.now += DELAY
    scan = ground.scan([])
    assert scan.decisions == () and scan.due is None and scan.waiting == 0


def test_names_that_are_no_text_are_taken(ground: Ground) -> None:
    names = [b"new\nline.png", b"caf\xe9 \xff.tif", b"sub\xfe/\xf0.png"]
    for name in names:
        ground.write(name)
    assert ground.settled() == dict.fromkeys(names, What.NEW)


def test_a_series_is_taken_whole_when_its_folder_is_quiet(tmp_path: Path) -> None:
    ground = Ground(tmp_path, series=Series())
    for number in range(5):
        ground.write(f"run/{number}.tif")
        assert ground.scan([b"run/%d.tif" % number]).decisions == ()
        ground.now += DELAY * 0.9
    assert ground.scan([]).decisions == ()
    ground.now += DELAY * 0.2
    assert said(ground.scan([])) == {b"run/%d.tif" % number: What.NEW for number in range(5)}
    assert ground.scan([]).due is None


def test_one_file_held_open_keeps_its_whole_series(tmp_path: Path) -> None:
    ground = Ground(tmp_path, series=Series())
    ground.write("run/0.tif")
    ground.write("run/1.tif")
    with (ground.root / "run/1.tif").open("ab"):
        assert ground.settled() == {}
    assert len(ground.settled()) == 2


def test_a_series_waits_for_its_sentinel(tmp_path: Path) -> None:
    ground = Ground(tmp_path, series=Series("done.txt"), taking=Taking(include=("*.tif",)))
    ground.write("run/pos/0.tif")
    ground.write("other/1.tif")
    assert ground.settled() == {}
    assert ground.scan().due is None and ground.scan().waiting == 2
    ground.write("run/done.txt")
    assert ground.settled([b"run/done.txt"]) == {b"run/pos/0.tif": What.NEW}
