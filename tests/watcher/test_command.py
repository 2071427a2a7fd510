"""The command `irrm-watch` as scripts and people call it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from irrm_watcher.cli import main
from irrm_watcher.config import load_config

VERBS = (
    *("init", "once", "run", "restore", "status", "check", "list", "quarantine"),
    *("assess", "catalog", "doctor", "config", "mount"),
)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration that `init` wrote."""
    (tmp_path / "incoming").mkdir()
    path = tmp_path / "watch.toml"
    assert main(asked_of_init(tmp_path, path)) == 0
    return path


def asked_of_init(place: Path, output: Path, *more: str) -> list[str]:
    folders = ["--folder", str(place / "incoming"), "--store", str(place / "store")]
    return ["init", *folders, *more, "--output", str(output)]


def test_help_names_every_verb_and_every_verb_explains_itself(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--help"]) == 0
    told = capsys.readouterr().out
    assert not [verb for verb in VERBS if f"\n  {verb} " not in told]
    for verb in VERBS:
        assert main([verb, "--help"]) == 0
        assert f"irrm-watch {verb}" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["--help"], ["status", "--config", "watch.toml"]])
def test_asking_imports_neither_torch_nor_numpy(words: list[str], config: Path) -> None:
    script = (
        "import sys; from irrm_watcher.cli import main; main(sys.argv[1:]); "
        "heavy = {'torch', 'numpy', 'PIL', 'watchdog', 'prometheus_client'} & set(sys.modules); "
        "sys.exit(' '.join(heavy) or None)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *words],
        cwd=config.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_what_init_writes_is_what_was_asked_for(tmp_path: Path) -> None:
    (tmp_path / "incoming").mkdir()
    output = tmp_path / "watch.toml"
    assert main(asked_of_init(tmp_path, output, "--mode", "replace", "--delay", "2.5")) == 0
    settings = load_config(output)
    (folder,) = settings.folders
    assert (folder.mode, folder.delay, folder.path) == ("replace", 2.5, tmp_path / "incoming")
    assert settings.store == tmp_path / "store"
    assert not settings.store.exists()


def test_init_replaces_no_configuration(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = config.read_bytes()
    assert main(asked_of_init(config.parent, config)) == 5
    assert config.read_bytes() == before
    assert str(config) in capsys.readouterr().err


def test_init_refuses_a_store_in_the_watched_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "incoming").mkdir()
    words = ["--folder", str(tmp_path / "incoming"), "--store", str(tmp_path / "incoming/store")]
    assert main(["init", *words, "--output", str(tmp_path / "watch.toml")]) == 2
    assert "lies in the watched folder" in capsys.readouterr().err
    assert not (tmp_path / "watch.toml").exists()


def test_an_error_is_one_line_with_the_name_of_the_command(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["status", "--config", "/no/such/file"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("irrm-watch: /no/such/file: cannot be read")


def test_a_wrong_key_is_named_with_what_was_meant(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text(config.read_text() + "\ndelai = 3\n")
    assert main(["config", "check", "--config", str(config)]) == 2
    assert "delai is an unknown key; did you mean delay?" in capsys.readouterr().err


def test_status_tells_that_nothing_was_watched_yet(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["status", "--config", str(config)]) == 0
    assert "NOT WELL" in capsys.readouterr().out
    assert main(["status", "--config", str(config), "--quiet", "--check-health"]) == 18
    out, err = capsys.readouterr()
    assert out == ""
    assert "nothing was ever watched" in err


def test_after_once_status_is_well(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text(config.read_text().replace('# delay = "10s"', "delay = 0"))
    (config.parent / "incoming" / "notes.txt").write_text("no picture")
    assert main(["once", "--config", str(config), "--quiet"]) == 0
    capsys.readouterr()
    assert main(["status", "--config", str(config), "--json", "--check-health"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["healthy"]
    assert document["states"]["kept"] == document["files"] == 1
    assert document["folders"][0]["present"]
    assert document["kept"][0]["reason"]


def test_doctor_finds_nothing_wrong_with_what_init_wrote(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", "--config", str(config), "--json"]) == 0
    looked = {each["what"]: each["level"] for each in json.loads(capsys.readouterr().out)}
    assert looked["store"] == looked["catalogue"] == "ok"
    assert {"space", "inotify", "fuse", "folder incoming"} <= set(looked)


def test_doctor_names_each_thing_to_mend(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = config.read_text()
    text = text.replace('# reserve = "1 GB"', 'reserve = "900 TB"')
    text = text.replace("# on_failure = ", "on_failure = ").replace("# model = ", "model = ")
    text = text.replace("/usr/local/bin/tell-somebody", "/no/such/program")
    config.write_text(text.replace('"irrm-fast-x2"', '"no-such-model"'))
    (config.parent / "store").mkdir()
    (config.parent / "store" / "other").touch()
    (config.parent / "incoming").rmdir()
    assert main(["doctor", "--config", str(config)]) == 16
    lines = capsys.readouterr().out.splitlines()
    problems = {line.split(":")[0] for line in lines if line.startswith("problem")}
    assert problems == {
        "problem  store",
        "problem  folder incoming",
        "problem  on_failure",
        "problem  model no-such-model",
    }


def test_a_store_without_room_is_a_problem(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text(config.read_text().replace('# reserve = "1 GB"', 'reserve = "900000 TB"'))
    assert main(["doctor", "--config", str(config)]) == 16
    assert "lower `reserve`" in capsys.readouterr().out
