"""How `irrm-watch once` ends, as a script sees it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from irrm_core.errors import Cancelled, ImageFileError
from irrm_watcher.cli.app import app
from irrm_watcher.daemon import Daemon
from irrm_watcher.pipeline.remaining import Remaining


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "incoming").mkdir()
    file = tmp_path / "irrm.toml"
    file.write_text(
        'store = "store"\n[daemon]\nreserve = "0 B"\n'
        '[[folder]]\nname = "incoming"\npath = "incoming"\ndelay = "0s"\nclasses = ["kept"]\n'
    )
    return file


def test_a_folder_that_is_not_there_is_a_failure_of_the_run(config: Path) -> None:
    assert CliRunner().invoke(app, ["once", "--config", str(config)]).exit_code == 0
    incoming = config.parent / "incoming"
    incoming.rename(config.parent / "unplugged")
    incoming.mkdir()
    result = CliRunner().invoke(app, ["once", "--config", str(config), "--json"])
    assert isinstance(result.exception, ImageFileError)
    assert "Mount the right disk" in result.stderr
    assert len(json.loads(result.stdout)["remaining"]["away"]) == 1


def test_a_run_that_is_interrupted_says_so_in_its_exit_code(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    CliRunner().invoke(app, ["once", "--config", str(config)])
    monkeypatch.setattr(Daemon, "once", lambda _daemon: Remaining(stopped=True))
    result = CliRunner().invoke(app, ["once", "--config", str(config)])
    assert isinstance(result.exception, Cancelled)
