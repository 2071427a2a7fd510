"""The store as a file system: the tree as it was, sizes that hold, errors that are told."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from irrm_core.archive import inspect_file
from irrm_core.archive.catalogue import Entry
from irrm_core.archive.recall import StorePools, plan_restore, restore_entry
from irrm_core.archive.store import Store
from irrm_core.errors import IrrmError, UsageError
from irrm_core.imagefile import read_image, write_image
from irrm_watcher.catalogue import rebuild
from irrm_watcher.cli import main
from irrm_watcher.mount import load_fuse, mount_store

from ..archive.recall.building import EXACT, LR, archive

MOUNT = """
import json, sys
from pathlib import Path
from irrm_core.archive.store import Store
from irrm_watcher.mount import mount_store
told = json.loads(sys.argv[1])
mount_store(
    Path(told["mountpoint"]), Store.open(told["store"]), Path(told["catalogue"]),
    roots={"photos": Path(told["watched"])}, cache=Path(told["cache"]),
    cache_size=told["cache_size"], jobs=told["jobs"], device="cpu", threads=1,
)
"""


def why_not() -> str | None:
    if not Path("/dev/fuse").exists():
        return "needs /dev/fuse"
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        return "may not use /dev/fuse"
    try:
        load_fuse()
    except IrrmError as error:
        return str(error)
    return None


needs_fuse = pytest.mark.skipif(why_not() is not None, reason=why_not() or "")


class Ground:
    """A store with a catalogue, and a place to mount it."""

    def __init__(self, folder: Path) -> None:
        self.store = Store.create(folder / "store")
        self.watched = folder / "watched"
        self.mountpoint = folder / "mount"
        self.cache = folder / "cache"
        self.entries: dict[str, Entry] = {}

    def archive(self, path: str, rule: Any) -> None:
        self.entries[path] = archive(self.store, self.watched, path, rule)

    def publish(self) -> None:
        """Let the catalogue say what is in the store."""
        rebuild(self.store.catalogue, self.store, {"photos": self.watched}, overwrite=True)

    def restored(self, path: str, to: Path) -> Path:
        entry = self.entries[path]
        (planned,) = plan_restore([entry], roots={"photos": self.watched}, to=to)
        pool = StorePools(self.store, device="cpu", threads=1).of(entry)
        return restore_entry(planned, self.store, pool).target


@pytest.fixture
def ground(
    tmp_path: Path, default_models: Path, pixels: Callable[..., NDArray[Any]]
) -> Iterator[Ground]:
    made = Ground(tmp_path)
    (made.watched / "2019").mkdir(parents=True)
    made.mountpoint.mkdir()
    write_image(made.watched / "2019" / "photo.jpg", pixels(90, 120, 3))
    write_image(made.watched / "drawing.png", pixels(40, 56, 3))
    write_image(made.watched / "stack.tif", np.stack([pixels(32, 40)] * 3), axes="ZYX")
    (made.watched / "notes.txt").write_bytes(b"some notes\n" * 200)
    made.archive("2019/photo.jpg", LR)
    made.archive("drawing.png", LR)
    made.archive("stack.tif", LR)
    made.archive("notes.txt", EXACT)
    made.publish()
    yield made
    if os.path.ismount(made.mountpoint):
        subprocess.run(["fusermount3", "-uz", str(made.mountpoint)], check=False)


@pytest.fixture
def mounted(ground: Ground) -> Iterator[subprocess.Popen[str]]:
    process = mount(ground)
    yield process
    process.terminate()
    process.wait(30)
    assert process.stderr is not None
    process.stderr.close()


def mount(
    ground: Ground, cache_size: int = 1 << 30, *, detached: bool = False
) -> subprocess.Popen[str]:
    told = {
        "mountpoint": str(ground.mountpoint),
        "store": str(ground.store.path),
        "catalogue": str(ground.store.catalogue),
        "watched": str(ground.watched),
        "cache": str(ground.cache),
        "cache_size": cache_size,
        "jobs": 1,
    }
    # As a script's `nohup … &` starts it.
    ignoring = ["sh", "-c", 'trap "" HUP INT; exec "$@"', "sh"] if detached else []
    process = subprocess.Popen(
        [*ignoring, sys.executable, "-c", MOUNT, json.dumps(told)],
        stderr=subprocess.PIPE,
        text=True,
    )
    until(lambda: os.path.ismount(ground.mountpoint) or process.poll() is not None)
    if process.poll() is not None and process.stderr is not None:
        pytest.fail(process.stderr.read())
    return process


def until(holds: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            pytest.fail("did not come about")
        time.sleep(0.05)


def tree(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


@needs_fuse
def test_the_tree_is_as_it_was_and_every_size_is_that_of_the_bytes_read(
    ground: Ground, mounted: object, tmp_path: Path
) -> None:
    assert tree(ground.mountpoint) == {
        "photos",
        "photos/2019",
        "photos/2019/photo.jpg.restored.png",
        "photos/drawing.png",
        "photos/notes.txt",
        "photos/stack.tif",
    }
    for path in sorted(ground.entries):
        expected = ground.restored(path, tmp_path / "out")
        shown = ground.mountpoint / "photos" / expected.relative_to(tmp_path / "out")
        status = shown.stat()
        assert status.st_mtime_ns == ground.entries[path].mtime_ns
        assert not status.st_mode & 0o222
        assert len(shown.read_bytes()) == status.st_size == shown.stat().st_size
        if path == "notes.txt":
            assert shown.read_bytes() == (ground.watched / path).read_bytes()
        else:
            assert np.array_equal(read_image(shown)[0], read_image(expected)[0])
            assert inspect_file(shown).kind == "restored"


@needs_fuse
def test_nothing_can_be_written(ground: Ground, mounted: object) -> None:
    top = ground.mountpoint / "photos"
    with pytest.raises(OSError, match="Read-only"):
        (top / "new.txt").write_bytes(b"x")
    with pytest.raises(OSError, match="Read-only"):
        (top / "notes.txt").unlink()
    with pytest.raises(OSError, match="Read-only"), (top / "notes.txt").open("r+b"):
        pass


@needs_fuse
def test_a_damaged_file_gives_an_error_and_a_line_and_the_others_are_read(ground: Ground) -> None:
    stored = ground.store.stored(ground.entries["notes.txt"].stored_path or b"")
    stored.write_bytes(stored.read_bytes()[:-1])
    process = mount(ground)
    with pytest.raises(OSError) as caught:
        (ground.mountpoint / "photos" / "notes.txt").read_bytes()
    assert caught.value.errno == 5
    assert (ground.mountpoint / "photos" / "drawing.png").read_bytes()
    process.terminate()
    _, said = process.communicate(timeout=30)
    assert "notes.txt" in said
    assert "backup of the store" in said


@needs_fuse
def test_a_file_that_is_archived_later_appears(ground: Ground, mounted: object) -> None:
    (ground.watched / "later.txt").write_bytes(b"later\n" * 300)
    ground.archive("later.txt", EXACT)
    ground.publish()
    later = ground.mountpoint / "photos" / "later.txt"
    until(later.exists)
    assert later.read_bytes() == b"later\n" * 300


@needs_fuse
def test_a_changed_file_shows_its_newest_version(ground: Ground, mounted: object) -> None:
    (ground.watched / "notes.txt").write_bytes(b"other notes\n" * 100)
    archive(ground.store, ground.watched, "notes.txt", EXACT, version=2)
    ground.publish()
    shown = ground.mountpoint / "photos" / "notes.txt"
    until(lambda: shown.stat().st_size == 1200)
    assert shown.read_bytes() == b"other notes\n" * 100


@needs_fuse
def test_many_readers_at_once_get_the_same_and_the_cache_keeps_its_limit(ground: Ground) -> None:
    process = mount(ground, cache_size=200_000)
    files = [path for path in ground.mountpoint.rglob("*") if path.is_file()]
    seen: dict[Path, set[str]] = {path: set() for path in files}

    def read() -> None:
        for path in files:
            seen[path].add(hashlib.sha256(path.read_bytes()).hexdigest())

    readers = [threading.Thread(target=read) for _ in range(8)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(60)
    assert [len(found) for found in seen.values()] == [1] * len(files)
    space = sum(path.stat().st_blocks * 512 for path in ground.cache.rglob("*") if path.is_file())
    assert space <= 200_000
    process.terminate()
    process.communicate(timeout=30)


@needs_fuse
@pytest.mark.parametrize("how", ["sigterm", "fusermount"])
def test_unmounting_ends_the_process_and_leaves_an_empty_folder(ground: Ground, how: str) -> None:
    process = mount(ground)
    (ground.mountpoint / "photos" / "drawing.png").read_bytes()
    if how == "sigterm":
        process.send_signal(signal.SIGTERM)
    else:
        subprocess.run(["fusermount3", "-u", str(ground.mountpoint)], check=True)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 0, said
    assert "Traceback" not in said
    assert not os.path.ismount(ground.mountpoint)
    assert not list(ground.mountpoint.iterdir())
    assert not [path for path in ground.cache.rglob("*") if path.name.endswith(".part")]


@needs_fuse
def test_a_mount_that_a_script_left_behind_ends_on_sigterm(ground: Ground) -> None:
    process = mount(ground, detached=True)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    assert not os.path.ismount(ground.mountpoint)
    assert process.stderr is not None
    process.stderr.close()


def test_a_mount_point_where_it_must_not_be_is_refused(ground: Ground, tmp_path: Path) -> None:
    (ground.watched / "inside").mkdir()
    (ground.store.path / "inside").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_bytes(b"x")
    for place in (
        ground.watched / "inside",
        ground.store.path / "inside",
        tmp_path / "full",
        tmp_path / "missing",
    ):
        with pytest.raises(UsageError):
            mount_store(
                place,
                ground.store,
                ground.store.catalogue,
                roots={"photos": ground.watched},
                cache=ground.cache,
                dry_run=True,
            )
    with pytest.raises(UsageError, match="the cache"):
        mount_store(
            ground.mountpoint,
            ground.store,
            ground.store.catalogue,
            roots={"photos": ground.watched},
            cache=ground.watched / "cache",
            dry_run=True,
        )


def test_the_verb_says_what_a_mount_would_hold(
    ground: Ground, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if why_not() is not None:
        pytest.skip(str(why_not()))
    config = tmp_path / "watch.toml"
    config.write_text(
        f'store = "{ground.store.path}"\n[[folder]]\nname = "photos"\npath = "{ground.watched}"\n'
    )
    words = [str(ground.mountpoint), "--config", str(config), "--cache-dir", str(ground.cache)]
    assert main(["mount", *words, "--cache", "1 GB", "--dry-run", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["files"], told["dry_run"]) == (4, True)
    assert main(["mount", *words, "--cache", "much", "--dry-run"]) == 2
    assert "--cache much" in capsys.readouterr().err
