"""A watched folder, the clock and a catalogue: what a scan decides."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from irrm_core.archive.catalogue import Entry, State
from irrm_core.archive.recall import Journal
from irrm_watcher.scan import (
    MARKER,
    Decision,
    Found,
    OwnFiles,
    RootMarkers,
    Scan,
    Scanner,
    Series,
    Taking,
    What,
)

DELAY = 10.0


class Ground:
    """A watched folder with a scanner whose clock is turned by hand."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.root = folder / "in"
        self.store = folder / "store"
        self.root.mkdir(exist_ok=True)
        self.store.mkdir(exist_ok=True)
        self.now = 100.0
        self.rows: dict[bytes, Entry] = {}
        self.options = options
        self.scanner = self.make_scanner()

    def make_scanner(self) -> Scanner:
        return Scanner(
            "in",
            self.root,
            known=self,
            markers=RootMarkers(self.store),
            ours=OwnFiles(self.store),
            delay=DELAY,
            clock=lambda: self.now,
            **{"taking": Taking(), **self.options},
        )

    def newest(self, root: str, path: bytes) -> Entry | None:
        return self.rows.get(path)

    def entries(
        self, *, root: str, newest: bool = False, limit: int | None = None
    ) -> Iterable[Entry]:
        return list(self.rows.values())[:limit]

    def write(self, name: str | bytes, content: bytes = b"content") -> bytes:
        path = os.fsencode(name)
        place = self.root / os.fsdecode(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        return path

    def take(self, found: Found, state: State = State.committed) -> None:
        """Let the catalogue know a file."""
        size, mtime_ns, inode, device = found.signature
        self.rows[found.path] = Entry(
            id=len(self.rows), root="in", path=found.path, version=1, state=state, size=size,
            mtime_ns=mtime_ns, inode=inode, device=device, mode=found.mode, seen_at=0, changed_at=0,
        )  # fmt: skip

    def settled(self, paths: Iterable[bytes] | None = None) -> dict[bytes, What]:
        """Scan, wait for the delay, scan again; what was decided in the end."""
        first = self.scan(paths)
        self.now += DELAY
        return said(first) | said(self.scan(() if paths is not None else None))

    def scan(self, paths: Iterable[bytes] | None = None) -> Scan:
        return self.scanner.scan(None if paths is None else list(paths))

    def take_all(self) -> None:
        """Let the catalogue know everything that stands there."""
        self.scan()
        self.now += DELAY
        for decision in self.scan().decisions:
            assert decision.found is not None
            self.take(decision.found)


def said(scan: Scan) -> dict[bytes, What]:
    return {decision.path: decision.what for decision in scan.decisions}


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    return Ground(tmp_path)


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


@pytest.mark.parametrize("partial", [False, True], ids=["full", "paths"])
def test_what_is_no_file_to_keep_is_passed_over(ground: Ground, partial: bool) -> None:
    ignored = [
        ".DS_Store", "Thumbs.db", "~$report.docx", "a.png.part", "b.crdownload", "c.tmp", ".d.swp",
        "e~", ".syncthing.f.png.tmp", ".g.png.Ab12Cd", ".hidden/h.png", ".i.png",
        ".irrm-quarantine/j.png",
    ]  # fmt: skip
    for name in ignored:
        ground.write(name)
    paths = None if not partial else [os.fsencode(name) for name in ignored]
    assert ground.settled(paths) == {}


def test_hidden_files_are_taken_where_the_rule_says_so(tmp_path: Path) -> None:
    ground = Ground(tmp_path, taking=Taking(hidden=True))
    for name in (".i.png", ".irrm-quarantine/j.png", ".DS_Store"):
        ground.write(name)
    assert ground.settled() == {b".i.png": What.NEW}


def test_patterns_choose_files(tmp_path: Path) -> None:
    ground = Ground(tmp_path, taking=Taking(include=("*.png",), exclude=("raw/**",)))
    for name in ("a.png", "b.txt", "raw/c.png", "d/e.png"):
        ground.write(name)
    assert ground.settled() == {b"a.png": What.NEW, b"d/e.png": What.NEW}


def test_links_are_never_followed_and_said(ground: Ground) -> None:
    outside = ground.store / "outside"
    outside.mkdir()
    (outside / "a.png").write_bytes(b"x")
    (ground.root / "folder").symlink_to(outside)
    (ground.root / "file.png").symlink_to(outside / "a.png")
    assert ground.settled([b"folder/a.png", b"file.png"]) == {}
    scan = ground.scan()
    assert scan.files == 0
    assert {thing.path for thing in scan.passed} == {b"folder", b"file.png"}
    assert all("symbolic link" in thing.reason for thing in scan.passed)


@pytest.mark.parametrize("partial", [False, True])
def test_a_store_in_a_watched_folder_is_not_archived_whosever_it_is(
    ground: Ground, partial: bool
) -> None:
    ground.write("backup/store/irrm-store.json", b"{}")
    path = ground.write("backup/store/files/in/a.png.irrm.zst")
    other = ground.write("backup/b.png")
    assert ground.settled([path, other] if partial else None) == {other: What.NEW}
    if not partial:
        assert [thing.path for thing in ground.scan().passed] == [b"backup/store"]


def test_barred_folders_are_not_entered(tmp_path: Path) -> None:
    barred = frozenset({os.path.realpath(os.fsencode(tmp_path / "in" / "store"))})
    ground = Ground(tmp_path, taking=Taking(barred=barred))
    ground.write("store/a.png")
    ground.write("b/store/a.png")
    assert ground.settled() == {b"b/store/a.png": What.NEW}
    assert ground.settled([b"store/a.png"]) == {}


def test_a_pipe_is_no_file_and_does_not_hang(ground: Ground) -> None:
    os.mkfifo(ground.root / "pipe.png")
    assert ground.settled() == {}
    assert [thing.path for thing in ground.scan().passed] == [b"pipe.png"]


def test_a_mount_point_below_is_passed_over_with_its_reason(ground: Ground) -> None:
    inside = ground.root / "mounted"
    inside.mkdir()
    mount = subprocess.run(
        ["mount", "-t", "tmpfs", "none", inside], capture_output=True, check=False
    )
    if mount.returncode:
        pytest.skip("needs the right to mount")
    try:
        (inside / "a.png").write_bytes(b"x")
        assert ground.settled() == {}
        (passed,) = ground.scan().passed
        assert passed.path == b"mounted" and "another file system" in passed.reason
    finally:
        subprocess.run(["umount", inside], check=True)


def test_a_folder_that_cannot_be_read_is_reported_and_nothing_in_it_is_gone(
    ground: Ground,
) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    ground.write("closed/a.png")
    ground.write("b.png")
    ground.take_all()
    (ground.root / "closed").chmod(0)
    try:
        scan = ground.scan()
    finally:
        (ground.root / "closed").chmod(0o700)
    assert scan.decisions == ()
    assert [(thing.path, thing.failed) for thing in scan.passed] == [(b"closed", True)]


def test_an_excluded_file_is_not_gone(ground: Ground) -> None:
    ground.write("a.png")
    ground.take_all()
    ground.options["taking"] = Taking(exclude=("*.png",))
    ground.scanner = ground.make_scanner()
    assert ground.scan().decisions == ()


def _vanish(root: Path) -> None:
    root.rename(root.with_name("elsewhere"))


def _empty_mount(root: Path) -> None:
    _vanish(root)
    root.mkdir()


def _other_disk(root: Path) -> None:
    _empty_mount(root)
    (root / MARKER).write_text('{"id": "another"}')


@pytest.mark.parametrize("happens", [_vanish, _empty_mount, _other_disk])
def test_of_a_folder_that_is_away_nothing_is_concluded(
    ground: Ground, happens: Callable[[Path], None]
) -> None:
    for number in range(5):
        ground.write(f"{number}.png")
    ground.take_all()
    happens(ground.root)
    scan = ground.scan()
    assert not scan.state.present and str(ground.root) in scan.state.reason
    assert scan.decisions == () and scan.files == 0


def test_without_the_list_of_folders_an_empty_mount_is_still_away(ground: Ground) -> None:
    ground.write("a.png")
    ground.take_all()
    (ground.store / "roots.json").unlink()
    assert ground.scan().state.present
    (ground.store / "roots.json").unlink()
    _empty_mount(ground.root)
    assert not ground.scan().state.present


def test_a_folder_that_comes_back_goes_on_as_before(ground: Ground) -> None:
    ground.write("a.png")
    ground.take_all()
    _empty_mount(ground.root)
    ground.scan()
    ground.root.rmdir()
    ground.root.with_name("elsewhere").rename(ground.root)
    scan = ground.scan()
    assert scan.state.present and scan.decisions == ()


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


def test_lr_files_and_restorations_are_ours(ground: Ground) -> None:
    golden = Path(__file__).parents[2] / "golden" / "0.1.0"
    names = [path for path in golden.rglob("*.irrm.*") if path.suffix != ".json"]
    assert names
    for path in names:
        ground.write(f"{path.parent.name}/{path.name}", path.read_bytes())
    assert set(ground.settled().values()) == {What.OURS}
    assert ground.settled() == {}


def test_what_the_journal_knows_is_ours_and_a_change_of_it_is_not(ground: Ground) -> None:
    import hashlib

    path = ground.write("a.jpg", b"restored")
    Journal(ground.store).append(hashlib.sha256(b"restored").hexdigest(), ground.root / "a.jpg")
    assert ground.settled() == {path: What.OURS}
    assert ground.settled() == {}
    ground.write("a.jpg", b"painted!")
    assert ground.settled() == {path: What.NEW}
