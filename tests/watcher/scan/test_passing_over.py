"""What a scan leaves alone: by name, by kind, by rule, and what irrm wrote itself."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from irrm_core.archive.recall import Journal
from irrm_watcher.scan import (
    Taking,
    What,
)

from .ground import Ground


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
