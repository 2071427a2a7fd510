"""What a mount serves: files of the promised size that are valid, from a cache with a limit."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from irrm_core.errors import ImageFileError
from irrm_core.imagefile import read_image, read_record, write_image
from irrm_watcher.mount.cache import RestoredCache
from irrm_watcher.mount.padding import pad

RECORD = b'{"irrm":"restored"}'


@pytest.mark.parametrize("name", ["a.png", "a.webp", "a.tif", "a.jpg"])
@pytest.mark.parametrize("more", [0, 13, 5000, 3_500_001])
def test_a_filled_file_has_its_size_and_is_read_as_before(
    tmp_path: Path, name: str, more: int
) -> None:
    path = tmp_path / name
    noise = np.random.default_rng(1).integers(0, 256, (40, 60, 3), np.uint8)
    write_image(path, noise, record=RECORD)
    before, _ = read_image(path)
    size = path.stat().st_size + more
    size += size % 2
    if 0 < size - path.stat().st_size < 12:
        size += 12
    with path.open("r+b") as stream:
        pad(stream, size)
    assert path.stat().st_size == size
    after, _ = read_image(path)
    assert np.array_equal(before, after)
    assert read_record(path) == RECORD
    with Image.open(path) as picture:  # another reader, which checks what follows the pixels
        picture.load()


@given(gap=st.integers(12, 4_000_000))
@settings(max_examples=15, deadline=None)
def test_every_gap_in_a_png_is_filled_with_valid_chunks(gap: int) -> None:
    stream = io.BytesIO()
    Image.new("L", (3, 2)).save(stream, "png")
    size = stream.tell() + gap
    pad(stream, size)
    data = stream.getvalue()
    assert len(data) == size
    Image.open(io.BytesIO(data)).verify()  # every checksum


def test_a_file_larger_than_promised_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    write_image(path, np.zeros((4, 4), np.uint8))
    with path.open("r+b") as stream, pytest.raises(ImageFileError, match="promised"):
        pad(stream, 20)


def writes(content: bytes, made: list[str] | None = None) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        if made is not None:
            made.append(path.name)
        path.write_bytes(content)

    return make


def fetch(cache: RestoredCache, key: str, make: Callable[[Path], Any]) -> bytes:
    handle = cache.open(key, make)
    try:
        return os.pread(handle, 1 << 20, 0)
    finally:
        os.close(handle)


def test_a_cached_file_is_made_once_even_if_many_open_it(tmp_path: Path) -> None:
    cache = RestoredCache(tmp_path / "cache", 1 << 20)
    made: list[str] = []
    together = threading.Barrier(8)

    def use() -> None:
        together.wait()
        assert fetch(cache, "a", writes(b"abc", made)) == b"abc"

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1


@given(keys=st.lists(st.sampled_from("abcdefgh"), max_size=30))
@settings(max_examples=25, deadline=None)
def test_a_cache_never_takes_more_than_its_limit_and_gives_what_was_asked(
    keys: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("cache")
    cache = RestoredCache(folder, 3 * 4096)
    for key in keys:
        assert fetch(cache, key, writes(key.encode() * 3000)) == key.encode() * 3000
        blocks = sum(path.stat().st_blocks for path in folder.iterdir())
        assert blocks * 512 == cache.space <= 3 * 4096
    if keys:
        assert fetch(cache, keys[-1], writes(b"not made again")) == keys[-1].encode() * 3000


def test_an_open_file_stays_readable_when_it_leaves_the_cache(tmp_path: Path) -> None:
    cache = RestoredCache(tmp_path / "cache", 4096)
    handle = cache.open("a", writes(b"first"))
    fetch(cache, "b", writes(b"second"))
    assert not (tmp_path / "cache" / "a").exists()
    assert os.pread(handle, 10, 0) == b"first"
    os.close(handle)


def test_a_file_that_could_not_be_made_leaves_nothing_and_is_tried_again(tmp_path: Path) -> None:
    cache = RestoredCache(tmp_path / "cache", 4096)

    def fail(path: Path) -> None:
        path.write_bytes(b"half")
        raise ImageFileError("broken")

    with pytest.raises(ImageFileError):
        cache.open("a", fail)
    assert not list((tmp_path / "cache").iterdir())
    assert fetch(cache, "a", writes(b"whole")) == b"whole"


def test_a_later_mount_uses_what_is_there_and_clears_what_was_half_made(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    fetch(RestoredCache(folder, 1 << 20), "a", writes(b"kept"))
    (folder / "b.0123abcd.part").write_bytes(b"half")
    again = RestoredCache(folder, 1 << 20)
    assert fetch(again, "a", writes(b"made again")) == b"kept"
    assert [path.name for path in folder.iterdir()] == ["a"]
