"""The bytes that are hashed are the bytes that are decoded."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from irrm_core.archive.classes import StoreWriteError, spool
from irrm_core.archive.store import Store
from irrm_core.errors import Cancelled, ImageFileError, SourceChangedError
from irrm_core.progress import Cancel

Left = Callable[[], list[str]]


class Meanwhile(Cancel):
    """Does something before the n-th part is read."""

    def __init__(self, number: int, what: object) -> None:
        super().__init__()
        self._left, self._what = number, what

    def check(self) -> None:
        self._left -= 1
        if not self._left:
            assert callable(self._what)
            self._what()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "a.bin"
    path.write_bytes(os.urandom(2_500_000))
    return path


def test_the_copy_has_the_bytes_and_the_hash(source: Path, store: Store, left: Left) -> None:
    spooled = spool(source, store)
    assert spooled.path.read_bytes() == source.read_bytes()
    assert spooled.sha256 == hashlib.sha256(source.read_bytes()).hexdigest()
    facts = spooled.facts("r", b"a.bin", 3)
    assert (facts.size, facts.version) == (2_500_000, 3)
    assert facts.mtime_ns == source.stat().st_mtime_ns
    spooled.remove()
    spooled.remove()
    assert left() == []


def test_a_file_that_grows_shrinks_or_is_replaced_meanwhile_is_refused(
    source: Path,
    store: Store,
    left: Left,
) -> None:
    def append() -> None:
        with source.open("ab") as stream:
            stream.write(b"more")

    def replace() -> None:
        other = source.with_name("other")
        other.write_bytes(source.read_bytes())
        other.replace(source)

    for what in (append, lambda: os.truncate(source, 1_200_000), replace, source.unlink):
        with pytest.raises(SourceChangedError, match=r"a\.bin"):
            spool(source, store, cancel=Meanwhile(2, what))
        assert left() == []
    with pytest.raises(SourceChangedError):
        spool(source, store)


def test_only_regular_files_are_taken(source: Path, store: Store, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(source)
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "pipe", "store"):
        with pytest.raises(ImageFileError, match=name):
            spool(tmp_path / name, store)


def test_a_file_without_permission_is_said_by_name(source: Path, store: Store) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    source.chmod(0)
    with pytest.raises(ImageFileError, match=r"a\.bin.*ermission"):
        spool(source, store)


def test_cancelling_leaves_no_copy(source: Path, store: Store, left: Left) -> None:
    cancel = Cancel()
    cancel.cancel()
    with pytest.raises(Cancelled):
        spool(source, store, cancel=cancel)
    assert left() == []


def test_a_spool_that_cannot_be_written_is_no_fault_of_the_source(
    source: Path,
    store: Store,
    left: Left,
) -> None:
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, before[1]))
    try:
        with pytest.raises(StoreWriteError) as caught:
            spool(source, store)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert caught.value.errno
    assert left() == []
