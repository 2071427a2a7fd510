"""Folders that are away: nothing is concluded of their files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from irrm_watcher.scan import (
    MARKER,
)

from .ground import Ground


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
