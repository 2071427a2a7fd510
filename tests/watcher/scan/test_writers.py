"""Who still writes a file."""

from __future__ import annotations

import errno
import fcntl
import mmap
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from irrm_watcher.scan import held_for_writing

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="leases are of Linux")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.png"
    path.write_bytes(b"content")
    return path


@pytest.fixture(params=["leases", "no leases"])
def leases(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask by lease, or on a file system that knows none."""
    if request.param == "leases":
        return
    plain = fcntl.fcntl

    def without(handle: Any, command: int, argument: Any = 0) -> Any:
        if command == fcntl.F_SETLEASE:
            raise OSError(errno.EINVAL, "no leases here")
        return plain(handle, command, argument)

    monkeypatch.setattr(fcntl, "fcntl", without)


@pytest.mark.usefixtures("leases")
def test_a_file_that_nobody_writes_is_free_also_if_it_is_read(file: Path) -> None:
    assert not held_for_writing(os.fsencode(file))
    with file.open("rb"):
        assert not held_for_writing(os.fsencode(file))


@pytest.mark.usefixtures("leases")
@pytest.mark.parametrize("mode", ["ab", "r+b"])
def test_a_file_open_for_writing_is_held_until_it_is_closed(file: Path, mode: str) -> None:
    with file.open(mode):
        assert held_for_writing(os.fsencode(file))
    assert not held_for_writing(os.fsencode(file))


@pytest.mark.usefixtures("leases")
def test_another_process_that_writes_holds_the_file(file: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", "import sys; f = open(sys.argv[1], 'ab'); print(); input()", file],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as writer:
        assert writer.stdin and writer.stdout
        writer.stdout.readline()
        assert held_for_writing(os.fsencode(file))
        writer.communicate(b"\n")
    assert not held_for_writing(os.fsencode(file))


def test_a_file_mapped_for_writing_is_held(file: Path) -> None:
    with file.open("r+b") as stream:
        mapped = mmap.mmap(stream.fileno(), 0)
    assert held_for_writing(os.fsencode(file))
    mapped.close()
    assert not held_for_writing(os.fsencode(file))


def test_a_link_in_its_place_is_not_followed(file: Path) -> None:
    link = file.with_name("link")
    link.symlink_to(file)
    with pytest.raises(OSError, match=r"symbolic"):
        held_for_writing(os.fsencode(link))


_WRITER_COMES = """
import fcntl, os, sys
from irrm_watcher.scan import held_for_writing

plain = fcntl.fcntl

def with_writer(handle, command, argument=0):
    done = plain(handle, command, argument)
    if command == fcntl.F_SETLEASE and argument == fcntl.F_RDLCK:
        try:
            os.close(os.open(sys.argv[1], os.O_WRONLY | os.O_NONBLOCK))
        except BlockingIOError:
            print("made to wait")
    return done

fcntl.fcntl = with_writer
held_for_writing(os.fsencode(sys.argv[1]))
print("alive")
"""


def test_a_writer_that_comes_while_it_is_asked_does_not_end_the_asking(file: Path) -> None:
    asking = subprocess.run(
        [sys.executable, "-c", _WRITER_COMES, file], capture_output=True, text=True, check=False
    )
    assert asking.stdout.split("\n")[:2] == ["made to wait", "alive"], asking
