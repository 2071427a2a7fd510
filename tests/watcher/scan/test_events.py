"""Events, with the real system: where to look, and how a folder is watched."""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from watchdog.observers.api import BaseObserver

from irrm_core.filesystem import FileSystem
from irrm_watcher.scan import EventSource, Found, Taking, What, events, look_at
from irrm_watcher.scan.events import MOST_PATHS

from .ground import Ground

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs inotify")

PATIENCE = 20.0


class Listener:
    """An event source over one folder, and what it said so far."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.wake = threading.Event()
        self.source = EventSource({"in": root}, wake=self.wake)
        self.source.start()
        self.source.take()

    def until(self, *paths: bytes) -> set[bytes]:
        """Return the files that looks at the places said have found, once all of these are."""
        found: set[bytes] = set()
        end = time.monotonic() + PATIENCE
        while not found >= set(paths):
            assert time.monotonic() < end, f"missed {set(paths) - found}"
            self.wake.wait(0.2)
            self.wake.clear()
            for wake in self.source.take().values():
                assert not wake.full
                for path in wake.paths:
                    looked = look_at(os.fsencode(self.root), Taking(), path)
                    found.update(thing.path for thing in looked if isinstance(thing, Found))
        return found


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[Listener]:
    root = tmp_path / "in"
    root.mkdir()
    listening = Listener(root)
    yield listening
    listening.source.stop()


def test_a_written_file_is_noticed_whatever_it_is_called(listener: Listener) -> None:
    for name in (b"a.png", b"new\nline", b"\xff\xfe.png"):
        (listener.root / os.fsdecode(name)).write_bytes(b"x")
    listener.until(b"a.png", b"new\nline", b"\xff\xfe.png")


def test_files_moved_and_linked_in_are_noticed(listener: Listener, tmp_path: Path) -> None:
    for name in ("moved", "linked", "within"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "moved").rename(listener.root / "moved")
    (listener.root / "linked").hardlink_to(tmp_path / "linked")
    listener.until(b"moved", b"linked")
    (listener.root / "moved").rename(listener.root / "renamed")
    listener.until(b"renamed")


def test_new_folders_do_not_lose_their_files(listener: Listener, tmp_path: Path) -> None:
    outside = tmp_path / "tree"
    (outside / "b").mkdir(parents=True)
    (outside / "b" / "c.png").write_bytes(b"x")
    outside.rename(listener.root / "moved")
    deep = listener.root / "x" / "y" / "z"
    deep.mkdir(parents=True)
    (deep / "d.png").write_bytes(b"x")
    listener.until(b"moved/b/c.png", b"x/y/z/d.png")
    (listener.root / "moved").rename(listener.root / "again")
    (listener.root / "again" / "b" / "e.png").write_bytes(b"x")
    listener.until(b"again/b/c.png", b"again/b/e.png")


def test_more_than_is_remembered_asks_for_a_look_at_everything(tmp_path: Path) -> None:
    source = EventSource({"in": tmp_path, "other": tmp_path})
    for number in range(MOST_PATHS + 1):
        source.want("in", b"%d" % number)
    source.want("other", b"a")
    wakes = source.take()
    assert wakes["in"].full and not wakes["in"].paths
    assert wakes["other"].paths == {b"a"}
    assert source.take() == {}


def test_events_that_the_kernel_drops_ask_for_a_look_at_everything(
    listener: Listener, tmp_path: Path
) -> None:
    most = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    if most > 20_000:
        pytest.skip("the kernel's queue is too long to be filled here")
    flood = subprocess.Popen(
        [sys.executable, "-c",
         "import os,sys\n"
         f"for n in range({most}):\n"
         "    os.close(os.open(sys.argv[1] + '/%d' % n, os.O_CREAT | os.O_WRONLY))",
         str(listener.root)]
    )  # fmt: skip
    sleep = ctypes.PyDLL(None).usleep  # keeps the interpreter's lock, so nobody reads events
    while flood.poll() is None:
        sleep(200_000)
    end = time.monotonic() + PATIENCE
    while not any(wake.full and "lost" in wake.reason for wake in listener.source.take().values()):
        assert time.monotonic() < end
        time.sleep(0.05)
    while listener.wake.wait(1.0):  # until the rest of the flood has gone by
        listener.wake.clear()
    listener.source.take()
    (listener.root / "afterwards.png").write_bytes(b"x")
    listener.until(b"afterwards.png")


def test_network_file_systems_are_polled_and_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        events, "filesystem_of", lambda path: FileSystem("nfs4", True, Path("/mnt"))
    )
    now = 0.0
    source = EventSource({"in": tmp_path}, poll=30, clock=lambda: now)
    watching = source.start()["in"]
    assert not watching.events and "nfs4" in watching.reason and str(tmp_path) in watching.reason
    assert source.take()["in"].full
    assert source.take() == {}
    assert source.due() == 30
    now = 31.0
    assert source.take()["in"].full
    assert source.take() == {}
    source.stop()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EMFILE])
def test_where_the_system_takes_no_more_watches_it_polls_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    with EventSource({"in": tmp_path}) as source:
        assert source.watching("in").events
        assert source.check() == {}

        def refuse(*_: object, **__: object) -> None:
            raise OSError(number, "inotify watch limit reached")

        monkeypatch.setattr(BaseObserver, "schedule", refuse)
        watching = source.check()["in"]
        assert not watching.events and "limit" in watching.reason
        assert source.due() is not None
        assert source.check() == {}
        assert not source.renew("in").events


def test_a_folder_that_is_not_there_is_polled_until_it_is(tmp_path: Path) -> None:
    root = tmp_path / "in"
    with EventSource({"in": root}) as source:
        assert not source.watching("in").events
        assert source.check() == {}
        root.mkdir()
        assert source.check()["in"].events


def test_a_folder_made_anew_is_listened_to(listener: Listener) -> None:
    listener.root.rename(listener.root.with_name("elsewhere"))
    listener.root.mkdir()
    assert listener.source.check()["in"].events
    assert listener.source.take()["in"].full
    (listener.root / "a.png").write_bytes(b"x")
    listener.until(b"a.png")


@pytest.mark.slow
def test_none_of_ten_thousand_files_is_missed_while_the_machine_is_busy(tmp_path: Path) -> None:
    ground = Ground(tmp_path)
    stop = threading.Event()

    def work() -> None:
        # Busy with the processor and not with the interpreter's lock, as a network would be.
        while not stop.is_set():
            hashlib.sha256(bytes(1 << 22))

    busy = [threading.Thread(target=work) for _ in range(2)]
    taken: list[bytes] = []
    with EventSource({"in": ground.root}) as source:
        for thread in busy:
            thread.start()
        writer = subprocess.Popen(
            [sys.executable, "-c",
             "import sys,pathlib\n"
             "for n in range(10000):\n"
             "    p = pathlib.Path(sys.argv[1], str(n % 50)); p.mkdir(exist_ok=True)\n"
             "    (p / f'{n}.png').write_bytes(b'x')",
             str(ground.root)]
        )  # fmt: skip
        end = time.monotonic() + 4 * PATIENCE
        while len(taken) < 10_000 and time.monotonic() < end:
            wake = source.take().get("in")
            paths = () if wake is None else None if wake.full else wake.paths
            for decision in ground.scan(paths).decisions:
                assert decision.what is What.NEW and decision.found is not None
                taken.append(decision.path)
                ground.take(decision.found)
            ground.now += 1.0
            time.sleep(0.1)
        stop.set()
        writer.wait()
    for thread in busy:
        thread.join()
    assert len(taken) == len(set(taken)) == 10_000
