"""A disk that is full loses nothing, and the daemon goes on by itself when there is room."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from irrm_core.archive.catalogue import State
from irrm_watcher.testing import Ground, violations

MEGABYTE = 1 << 20
RULE = 'classes = ["exact", "kept"]'

Mount = Callable[[str, int], Path]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Mount]:
    """Mount file systems of few bytes; only root may."""
    mounted: list[Path] = []

    def mount(name: str, size: int) -> Path:
        if sys.platform != "linux" or os.geteuid() != 0:
            pytest.skip("only root may mount a small file system")
        folder = tmp_path / name
        folder.mkdir()
        options = ["-t", "tmpfs", "-o", f"size={size}", "tmpfs"]
        done = subprocess.run(["mount", *options, folder], capture_output=True, check=False)
        if done.returncode != 0:
            pytest.skip(f"no file system can be mounted here: {done.stderr.decode()}")
        mounted.append(folder)
        return folder

    yield mount
    for folder in mounted:
        subprocess.run(["umount", "--lazy", folder], check=True)


def content(number: int, size: int = MEGABYTE) -> bytes:
    """Return bytes of which a quarter is saved."""
    random = np.random.default_rng(number)
    return random.integers(0, 64, size, dtype=np.uint8).tobytes()


def fill(folder: Path, free: int = 0, name: str = "ballast") -> Path:
    """Take all room of a file system but some; return the file that takes it."""
    ballast = folder / name
    with ballast.open("wb", buffering=0) as stream, suppress(OSError):
        status = os.statvfs(folder)
        os.posix_fallocate(stream.fileno(), 0, max(1, status.f_bavail * status.f_frsize - free))
    return ballast


def finished(ground: Ground, files: int) -> bool:
    state = State.committed if ground.mode == "copy" else State.quarantined
    return ground.count(state) == files


@pytest.mark.parametrize("mode", ["copy", "replace"])
def test_a_full_store_is_waited_for(tmp_path: Path, mode: str, small_disk: Mount) -> None:
    disk = small_disk("disk", 12 * MEGABYTE)
    ground = Ground(tmp_path / "ground", mode=mode, rule=RULE, store=disk / "store")
    ground.put(b"first.bin", content(100))
    with ground.daemon() as daemon:
        ground.wait_until(lambda: finished(ground, 1))
        # Room for a file and its copy, as far as one can tell before, but not for many.
        ballast = fill(disk, free=5 * MEGABYTE)
        for number in range(6):
            ground.put(b"%d.bin" % number, content(number))
        ground.wait_until(lambda: "missing" in ground.said() or "space" in ground.said())
        assert daemon.poll() is None
        ballast.unlink()
        ground.wait_until(lambda: finished(ground, 7), patience=120)
    assert ground.count(State.failed) == 0
    assert violations(ground) == []


@pytest.mark.parametrize("mode", ["copy", "replace"])
@pytest.mark.parametrize("free", [0, 40_000, 150_000, 400_000, 1_200_000])
def test_a_disk_that_holds_everything_and_fills_up_loses_nothing(
    mode: str, free: int, small_disk: Mount
) -> None:
    disk = small_disk("disk", 24 * MEGABYTE)
    ground = Ground(disk / "ground", mode=mode, rule=RULE)
    ground.put(b"first.bin", content(100, 200_000))
    with ground.daemon() as daemon:
        ground.wait_until(lambda: finished(ground, 1))
        for number in range(4):
            ground.put(b"%d.bin" % number, content(number, 200_000))
        ballast = fill(disk, free)
        ground.wait_until(lambda: troubled(ground) or finished(ground, 5), patience=120)
        assert daemon.poll() is None
        ballast.unlink()
        ground.wait_until(lambda: finished(ground, 5), patience=180)
    assert ground.count(State.failed) == 0
    assert violations(ground) == []


@pytest.mark.parametrize("mode", ["copy", "replace"])
def test_a_disk_that_fills_up_in_the_midst_of_work_loses_nothing(
    mode: str, small_disk: Mount
) -> None:
    disk = small_disk("disk", 96 * MEGABYTE)
    ground = Ground(disk / "ground", mode=mode, rule=RULE)
    for number in range(4):
        ground.put(b"%d.bin" % number, content(number, 6 * MEGABYTE))
    # Room for some results, never for all four: however quick the machine, the rest comes late.
    most = fill(disk, free=17 * MEGABYTE, name="most")
    spool = ground.store / "spool"
    with ground.daemon() as daemon:
        ground.wait_until(lambda: spool.is_dir() and any(spool.iterdir()))
        rest = fill(disk, name="rest")
        ground.wait_until(lambda: troubled(ground), patience=120)
        assert daemon.poll() is None
        most.unlink()
        rest.unlink()
        ground.wait_until(lambda: finished(ground, 4), patience=180)
    assert ground.count(State.failed) == 0
    assert violations(ground) == []


def troubled(ground: Ground) -> bool:
    said = ground.said()
    return "missing" in said or "full" in said or "space" in said
