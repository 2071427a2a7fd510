"""A file is written whole or not at all, and what is there stays unless asked otherwise."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from irrm_core.errors import Cancelled, ImageFileError, OutputExistsError
from irrm_core.imagefile import atomic_output, read_image, write_image

GRAY = np.zeros((4, 5), np.uint8)


def test_nothing_is_to_be_seen_under_the_name_before_the_end(tmp_path: Path) -> None:
    with atomic_output(tmp_path / "a.png") as stream:
        stream.write(b"half")
        assert not (tmp_path / "a.png").exists()
        stream.write(b"whole")
    assert (tmp_path / "a.png").read_bytes() == b"halfwhole"
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


@pytest.mark.parametrize("error", [ValueError("wrong"), KeyboardInterrupt(), Cancelled("stop")])
def test_an_error_leaves_nothing_behind_and_the_old_file_as_it_was(
    tmp_path: Path, error: BaseException
) -> None:
    (tmp_path / "a.png").write_bytes(b"old")

    def interrupted() -> None:
        with atomic_output(tmp_path / "a.png", overwrite=True) as stream:
            stream.write(b"new")
            raise error

    with pytest.raises(type(error)):
        interrupted()
    assert (tmp_path / "a.png").read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_job_cancelled_between_planes_leaves_nothing_behind(tmp_path: Path) -> None:
    def planes() -> Iterator[np.ndarray]:
        yield np.zeros((8, 8), np.uint16)
        raise Cancelled("cancelled")

    with pytest.raises(Cancelled):
        write_image(tmp_path / "a.tif", planes(), axes="TYX", shape=(5, 8, 8), dtype=np.uint16)
    assert not list(tmp_path.iterdir())


def test_an_existing_file_is_kept_and_replaced_only_on_request(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"mine")
    with pytest.raises(OutputExistsError, match=r"a.png: is already there and was kept"):
        write_image(path, GRAY)
    assert path.read_bytes() == b"mine"
    write_image(path, GRAY, overwrite=True)
    np.testing.assert_array_equal(read_image(path)[0], GRAY)


def test_a_file_that_appears_meanwhile_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.png"

    def overtaken() -> None:
        with atomic_output(path) as stream:
            stream.write(b"late")
            path.write_bytes(b"early")

    with pytest.raises(OutputExistsError):
        overtaken()
    assert path.read_bytes() == b"early"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_link_that_leads_nowhere_is_kept_too(tmp_path: Path) -> None:
    (tmp_path / "a.png").symlink_to(tmp_path / "nowhere")
    with pytest.raises(OutputExistsError):
        write_image(tmp_path / "a.png", GRAY)
    assert (tmp_path / "a.png").is_symlink()


def test_of_many_writers_of_one_name_one_wins_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    outcomes: list[str] = []
    start = threading.Barrier(8)

    def write(number: int) -> None:
        start.wait()
        try:
            with atomic_output(path) as stream:
                stream.write(bytes([number]) * 1000)
            outcomes.append("written")
        except OutputExistsError:
            outcomes.append("kept")

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["kept"] * 7 + ["written"]
    assert len(set(path.read_bytes())) == 1
    assert len(list(tmp_path.iterdir())) == 1


def test_file_systems_without_hard_links_keep_existing_files_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError("no hard links here")

    monkeypatch.setattr(os, "link", refuse)
    path = tmp_path / "a.png"
    write_image(path, GRAY)
    np.testing.assert_array_equal(read_image(path)[0], GRAY)

    def overtaken() -> None:
        with atomic_output(tmp_path / "b.png") as stream:
            stream.write(b"late")
            (tmp_path / "b.png").write_bytes(b"early")

    with pytest.raises(OutputExistsError):
        overtaken()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.png", "b.png"]
    assert (tmp_path / "b.png").read_bytes() == b"early"


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImageFileError, match=r"none/a.png: cannot be written"):
        write_image(tmp_path / "none" / "a.png", GRAY)


def test_a_full_disk_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    def full() -> None:
        with atomic_output(tmp_path / "a.png"):
            raise OSError(28, "No space left on device")

    with pytest.raises(ImageFileError, match=r"a.png: cannot be written \(No space left"):
        full()
    assert not list(tmp_path.iterdir())


def test_a_folder_that_nothing_can_be_made_in_is_an_error_that_names_the_file(
    tmp_path: Path,
) -> None:
    # Removing what could not be made fails in the same way, and must not hide the reason.
    (tmp_path / "file").write_bytes(b"no folder")
    with pytest.raises(ImageFileError, match=r"file/a.png: cannot be written \(Not a directory\)"):
        write_image(tmp_path / "file" / "a.png", GRAY)
