"""The watcher's measurements run and say what they found; how fast is for ``make bench-watch``."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def bench(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks.watcher", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_goals_are_judged_and_the_machine_is_described(
    tmp_path: Path, default_models: Path
) -> None:
    parts = ("--only", "status", "--only", "throughput")
    done = bench(*parts, "--files", "50", "--count", "2", "--place", tmp_path, "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert len(document["machine"]["load_after"]) == 2
    readings = document["readings"]
    assert {reading["part"] for reading in readings} == {"status", "throughput"}
    judged = [reading for reading in readings if reading["goal"] is not None]
    assert len(judged) == 2
    for reading in judged:
        assert reading["met"] is (reading["value"] <= reading["goal"])
    assert not list(tmp_path.iterdir())


def test_a_folder_without_pictures_is_an_error_and_not_a_goal_missed(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = bench("--only", "throughput", "--pictures", tmp_path / "empty", "--place", tmp_path)
    assert done.returncode == 1
    assert "--pictures" in done.stderr
    assert "missed" not in done.stdout
