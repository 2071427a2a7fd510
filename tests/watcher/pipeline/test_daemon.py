from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from irrm_core.archive.catalogue import Entry, State
from irrm_core.errors import CatalogueError, StoreError
from irrm_watcher.daemon import Daemon
from irrm_watcher.failpoints import VARIABLE
from irrm_watcher.pipeline import shift
from irrm_watcher.testing import Ground, pictures, violations

from .conftest import Place

LINES = b"a line that repeats\n" * 50


def test_once_archives_what_lies_there_and_leaves_originals_alone(place: Place) -> None:
    paths = [place.put(f"{folder}/notes {folder}.txt") for folder in "abc"]
    remaining = place.daemon().once()
    assert not (remaining.restless or remaining.away or remaining.stopped)
    assert {entry.state for entry in place.entries()} == {State.committed}
    assert len(place.entries()) == 3
    assert all(path.read_bytes() == LINES for path in paths)
    assert place.leftovers() == []


def test_names_that_are_no_text_and_hold_line_breaks_are_archived(place: Place) -> None:
    names = [
        b"caf\xe9.txt",
        b"two\nlines.txt",
        "Größe 漢字.txt".encode(),
        b"-rf *.txt",
        b"a'b\".txt",
    ]
    for number, name in enumerate(names):
        place.put(name, LINES + b"%d" % number)
    place.daemon().once()
    assert {entry.path for entry in place.entries() if entry.archived} == set(names)


def test_nothing_is_done_twice(place: Place) -> None:
    place.put("notes.txt")
    place.daemon().once()
    before = place.entries()
    place.seen.events.clear()
    place.daemon().once()
    assert place.entries() == before
    assert place.seen.named("claimed") == []


def test_a_touched_file_is_not_archived_again_and_a_changed_one_is_a_new_version(
    place: Place,
) -> None:
    touched, changed = place.put("touched.txt"), place.put("changed.txt")
    place.daemon().once()
    os.utime(touched, ns=(5, 5))
    changed.write_bytes(LINES.replace(b"line", b"LINE"))
    place.daemon().once()
    versions = [(entry.path, entry.version, entry.state) for entry in place.entries()]
    assert versions == [
        (b"changed.txt", 1, State.committed),
        (b"changed.txt", 2, State.committed),
        (b"touched.txt", 1, State.committed),
    ]
    assert place.entry("touched.txt").seen_mtime_ns == 5


def test_in_replace_mode_the_original_goes_to_quarantine_and_is_purged_in_time(
    place: Place,
) -> None:
    path = place.put("notes.txt")
    place.daemon({"mode": "replace", "quarantine": 3600.0}).once()
    entry = place.entry("notes.txt")
    assert entry.state is State.quarantined and not path.exists()
    assert (place.root / os.fsdecode(entry.quarantine_path or b"")).read_bytes() == LINES
    place.daemon({"mode": "replace", "quarantine": 0.0}).once()
    assert place.entry("notes.txt").state is State.purged
    assert list((place.root / ".irrm-quarantine").iterdir()) == []


def test_a_damaged_store_file_keeps_the_original_in_quarantine(place: Place) -> None:
    place.put("notes.txt")
    place.daemon({"mode": "replace"}).once()
    entry = place.entry("notes.txt")
    stored = place.store / os.fsdecode(entry.stored_path or b"")
    stored.write_bytes(stored.read_bytes()[:-1] + b"!")
    place.daemon({"mode": "replace", "quarantine": 0.0}).once()
    entry = place.entry("notes.txt")
    assert entry.state is State.quarantined and "damaged" in entry.reason
    assert (place.root / os.fsdecode(entry.quarantine_path or b"")).read_bytes() == LINES
    assert len(place.seen.named("failed")) == 1


def test_a_change_to_replace_moves_what_was_archived_before_unless_it_was_changed(
    place: Place,
) -> None:
    same, forged = place.put("same.txt"), place.put("forged.txt")
    place.daemon().once()
    before = forged.stat()
    forged.write_bytes(LINES.swapcase())
    os.utime(forged, ns=(before.st_atime_ns, before.st_mtime_ns))
    place.daemon({"mode": "replace"}).once()
    assert not same.exists()
    states = [(entry.version, entry.state) for entry in place.entries() if b"for" in entry.path]
    assert states == [(1, State.committed), (2, State.quarantined)]


def test_the_same_file_dropped_in_again_is_moved_again_and_stored_once(place: Place) -> None:
    for _ in range(2):
        path = place.put("notes.txt")
        place.daemon({"mode": "replace", "quarantine": 0.0}).once()
        assert not path.exists()
    assert [(e.version, e.state) for e in place.entries()] == [(1, State.purged)]


def test_every_damaged_or_strange_file_ends_with_a_reason(place: Place) -> None:
    place.put("empty.png", b"")
    place.put("half.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 40)
    place.put("liar.jpg", os.urandom(600))
    (place.root / "pipe.png").parent.mkdir(exist_ok=True)
    os.mkfifo(place.root / "pipe.png")
    (place.root / "link.png").symlink_to("/etc/hostname")
    place.put("good.txt")
    place.daemon({"classes": ["lr", "exact"]}).once()
    rest = {entry.path: entry for entry in place.entries()}
    assert rest.pop(b"good.txt").state is State.committed
    assert {entry.state for entry in rest.values()} <= {State.kept, State.failed}
    assert all(entry.reason for entry in rest.values())
    assert set(rest) == {b"empty.png", b"half.png", b"liar.jpg"}


def test_a_file_whose_worker_is_killed_fails_alone(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.put("a poison.txt")
    place.put("good.txt")

    def arm(entry: Entry) -> None:
        poison = entry.path == b"a poison.txt"
        monkeypatch.setenv(VARIABLE, "before-candidate:1:alone" if poison else "")

    place.seen.on["claimed"] = arm
    place.daemon(retries=0).once()
    assert place.entry("good.txt").state is State.committed
    assert place.entry("a poison.txt").state is State.failed
    assert place.leftovers() == []


def test_a_file_that_kills_its_worker_is_tried_as_often_as_was_asked_for(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.put("poison.txt")
    monkeypatch.setenv(VARIABLE, "before-candidate:1:alone")
    place.daemon(retries=1).once()
    poison = place.entry("poison.txt")
    assert poison.state is State.failed and "died (signal 9" in poison.reason
    assert (len(place.seen.named("retrying")), len(place.seen.named("failed"))) == (1, 1)


def children_of(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for word in (task / "children").read_text().split():
            try:
                command = Path(f"/proc/{word}/cmdline").read_bytes()
            except OSError:
                continue
            if b"spawn_main" in command:
                found.append(int(word))
    return found


def test_what_failed_is_tried_again_when_it_changes(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = place.put("notes.txt", b"")
    place.daemon().once()
    assert place.entry("notes.txt").state is State.kept
    path.write_bytes(LINES)
    place.daemon().once()
    assert place.entry("notes.txt").state is State.committed


def test_a_file_that_vanishes_is_forgotten_without_noise(place: Place) -> None:
    path = place.put("notes.txt")
    place.seen.on["claimed"] = lambda _entry: path.unlink()
    place.daemon().once()
    assert place.entries() == []
    assert not (place.seen.named("failed") or place.seen.named("trouble"))


def test_without_room_nothing_is_lost_and_it_says_so(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shift, "HOPELESS", 0.2)
    monkeypatch.setattr(shift, "TURN", 0.1)
    path = place.put("notes.txt")
    with pytest.raises(StoreError, match="free space"):
        place.daemon(reserve=1 << 60).once()
    assert path.read_bytes() == LINES
    assert place.entry("notes.txt").state is State.stable
    place.daemon().once()
    assert place.entry("notes.txt").state is State.committed


def test_work_goes_on_by_itself_when_the_pause_file_is_removed(place: Place) -> None:
    place.put("notes.txt")
    pause = place.path / "pause"
    pause.touch()
    daemon = place.daemon(pause_file=pause)
    seen = place.seen.on

    def unpause(why: str) -> None:
        if why == "paused":
            assert place.entry("notes.txt").state is State.stable
            pause.unlink()

    seen["resting"] = unpause
    seen["committed"] = lambda _entry: daemon.stop()
    daemon.run()
    assert place.seen.named("resting") == ["paused", ""]
    assert place.entry("notes.txt").state is State.committed


def test_a_second_daemon_is_told_who_the_first_one_is(place: Place) -> None:
    place.put("notes.txt")

    def another(_entry: object) -> None:
        with pytest.raises(CatalogueError, match=str(os.getpid())):
            place.daemon().once()

    place.seen.on["claimed"] = another
    place.daemon().once()
    assert place.entry("notes.txt").state is State.committed


def test_a_daemon_that_is_stopped_rolls_back_and_leaves_no_process(place: Place) -> None:
    for number in range(20):
        place.put(f"{number}.txt")
    daemon = place.daemon()
    place.seen.on["claimed"] = lambda _entry: daemon.stop()
    daemon.run()
    states = {entry.state for entry in place.entries()}
    assert states <= {State.stable, State.committed}
    assert children_of(os.getpid()) == []
    assert place.leftovers() == []


def test_workers_end_when_there_is_nothing_to_do(place: Place) -> None:
    place.put("notes.txt")
    daemon = place.daemon(idle=0.0, rescan=0.2)
    counts: list[int] = []

    def look(_scanned: object) -> None:
        if place.seen.named("committed"):
            counts.append(len(children_of(os.getpid())))
            if counts[-1] == 0:
                daemon.stop()

    place.seen.on["scanned"] = look
    daemon.run()
    assert counts[-1] == 0


def test_a_folder_that_is_away_says_nothing_about_its_files(place: Place) -> None:
    place.put("notes.txt")
    place.daemon().once()
    place.root.rename(place.path / "unmounted")
    place.root.mkdir()
    remaining = place.daemon().once()
    assert len(remaining.away) == 1
    assert place.entry("notes.txt").present


def test_a_reloaded_configuration_is_in_force_at_once(place: Place) -> None:
    path = place.put("notes.txt")
    daemon = Daemon(
        place.config(),
        observer=place.seen,
        reload=lambda: place.config({"mode": "replace"}),
    )
    place.seen.on["committed"] = lambda _entry: daemon.ask_reload()
    place.seen.on["quarantined"] = lambda _entry: daemon.stop()
    daemon.run()
    assert not path.exists()


def test_the_daemon_waits_without_torch_and_numpy() -> None:
    code = (
        "import sys, irrm_watcher.daemon, irrm_watcher.cli.once, irrm_watcher.cli.run\n"
        "sys.exit(bool({'torch', 'numpy', 'PIL'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_law_holds_after_once_with_pictures_of_every_kind(tmp_path: Path) -> None:
    ground = Ground(tmp_path, mode="replace", leave="lr")
    for number, (suffix, content) in zip(range(5), pictures(), strict=False):
        ground.put(f"{number}{suffix}".encode(), content)
    ground.settle()
    assert violations(ground) == []


def test_kept_files_are_judged_anew_by_changed_rules_and_by_no_others(place: Place) -> None:
    place.put("notes.txt")
    strict = {"minimum_saving": 0.99}
    place.daemon(strict).once()
    assert place.entry("notes.txt").state is State.kept
    place.seen.events.clear()
    place.daemon({**strict, "delay": 0.01}).once()
    assert place.seen.named("claimed") == []
    place.daemon({"minimum_saving": 0.1}).once()
    assert place.entry("notes.txt").state is State.committed
