"""``irrm-watch assess``: the watched folders by their own rules."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from numpy.typing import NDArray

from irrm_core.imagefile import write_image
from irrm_watcher.cli import main


@pytest.fixture
def config(
    default_models: Path, tmp_path: Path, photo: Path, pixels: Callable[..., NDArray[Any]]
) -> Path:
    """Two folders: photographs without floors, and gray pictures with the default ones."""
    photos, cells = tmp_path / "photos", tmp_path / "cells"
    for folder in (photos, cells):
        folder.mkdir()
    photo.rename(photos / "photo.jpg")
    (photos / "draft.jpg").write_bytes((photos / "photo.jpg").read_bytes())
    write_image(cells / "cells.tif", pixels(40, 50, dtype="uint16"))
    path = tmp_path / "watch.toml"
    path.write_text(
        f'''
store = "{tmp_path}/store"
[[folder]]
name = "photos"
path = "{photos}"
exclude = ["draft*"]
scale = 4
floors = {{ psnr = 0, ssim = 0 }}
[[folder]]
name = "cells"
path = "{cells}"
'''
    )
    return path


def test_every_folder_is_assessed_by_its_own_rule(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["assess", "--config", str(config), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    files = {Path(file["path"]).name: file for file in found["files"]}
    assert set(files) == {"cells.tif", "photo.jpg"}
    assert [trial["scale"] for trial in files["photo.jpg"]["lr"]] == [4]
    assert [trial["scale"] for trial in files["cells.tif"]["lr"]] == [2]
    assert files["photo.jpg"]["lr"][0]["passes"]
    assert not files["cells.tif"]["lr"][0]["passes"]
    assert found["selection"]["other_files"] == 1


def test_the_page_is_written_and_the_store_is_not(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = config.with_name("page.html")
    assert main(["assess", "--config", str(config), "--html", str(target), "--pictures", "0"]) == 0
    assert "<!DOCTYPE html>" in target.read_text(encoding="utf-8")
    assert "By the rule of each file" in capsys.readouterr().out
    assert not (config.parent / "store").exists()
