"""The command itself: help, versions, exit codes, one line per error, pipes and Ctrl-C."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

import irrm_core
from irrm_core import errors
from irrm_core.cli import console, main, running

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "exit-codes.md"

COMMAND = [sys.executable, "-m", "irrm_core.cli"]


def environment() -> dict[str, str]:
    """That of this process, with the same modules to be found."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


@pytest.fixture(autouse=True)
def models(default_models: Path) -> Path:
    return default_models


def every_error(base: type[errors.IrrmError] = errors.IrrmError) -> Iterator[type]:
    yield base
    for kind in base.__subclasses__():
        yield from every_error(kind)


def test_every_exit_code_is_documented_and_no_other() -> None:
    documented = {int(code) for code in re.findall(r"^\| (\d+) \|", DOCUMENT.read_text(), re.M)}
    used = {kind.exit_code for kind in every_error()}  # type: ignore[attr-defined]
    assert documented == used | {0, running.INTERNAL_ERROR}


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["downscale", "--help"]])
def test_nothing_heavy_is_imported_to_show_help(words: list[str]) -> None:
    code = f"""
import sys
from irrm_core.cli import main
code = main({words!r})
heavy = {{"torch", "numpy", "PIL", "tifffile", "rich"}} & set(sys.modules)
sys.exit(f"imported {{heavy}}" if heavy or code else 0)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


def test_info_needs_no_torch(photo: Path) -> None:
    main(["downscale", str(photo), "-q"])
    code = f"""
import sys
from irrm_core.cli import main
code = main(["info", {str(photo.with_name("photo.jpg.irrm.png"))!r}])
sys.exit(code or "torch" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], env=environment(), check=False)
    assert done.returncode == 0


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"irrm {irrm_core.__version__}\n"


@pytest.mark.parametrize("words", [["nonsense"], ["downscale"], ["downscale", "a", "--tile", "x"]])
def test_wrong_words_are_a_usage_error(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == errors.UsageError.exit_code
    assert "Usage: irrm" in capsys.readouterr().err


def test_an_empty_argument_is_refused_and_not_taken_for_the_folder_one_is_in(
    photo: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(photo.parent)
    before = sorted(photo.parent.iterdir())
    assert main(["downscale", "", "."]) == errors.UsageError.exit_code
    assert "an argument is empty" in capsys.readouterr().err
    assert sorted(photo.parent.iterdir()) == before


def test_an_error_is_one_line_that_names_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "mis\nsing\x1b[31m.jpg"
    assert main(["downscale", str(missing)]) == errors.ImageFileError.exit_code
    err = capsys.readouterr().err
    assert err.startswith("irrm: ")
    assert err.count("\n") == 1
    assert "\x1b" not in err
    assert "sing" in err


@pytest.mark.parametrize("words", [["--debug", "info", "FILE"], ["info", "FILE", "--debug"]])
def test_debug_adds_the_traceback_and_keeps_the_exit_code(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [str(tmp_path / "none.png") if word == "FILE" else word for word in words]
    assert main(words) == errors.ImageFileError.exit_code
    assert "Traceback" in capsys.readouterr().err


def test_a_mistake_of_ours_is_one_line_too(
    photo: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("division\nby zero")

    monkeypatch.setattr("irrm_core.archive.inspect_file", broken)
    assert main(["info", str(photo)]) == running.INTERNAL_ERROR
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "ZeroDivisionError" in err
    assert "--debug" in err


def test_a_file_name_that_is_no_text_can_be_printed(photo: Path) -> None:
    odd = photo.with_name(os.fsdecode(b"caf\xe9.jpg"))
    try:
        photo.rename(odd)
    except OSError:
        pytest.skip("this file system allows only text as names")
    done = subprocess.run(
        [*COMMAND, "info", odd], env=environment(), capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"caf" in done.stdout


def test_a_reader_that_leaves_early_causes_no_noise(photo: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [*COMMAND, "info", photo],
        env=environment(),
        stdout=write,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (errors.IrrmError.exit_code, b"")


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_nothing_half_written(
    kind: signal.Signals, tmp_path: Path
) -> None:
    source = tmp_path / "large.png"
    Image.new("RGB", (6000, 4000), "teal").save(source)
    with subprocess.Popen(
        [*COMMAND, "downscale", source, "--tile", "64"], env=environment(), stderr=subprocess.PIPE
    ) as process:
        _wait_for_handler(process.pid)
        process.send_signal(kind)
        _, err = process.communicate(timeout=120)
    assert process.returncode == errors.Cancelled.exit_code
    assert err.decode().count("\n") == 1
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["large.png"]


def _wait_for_handler(process: int) -> None:
    """Wait until a verb of the command handles signals."""
    status = Path(f"/proc/{process}/status")
    if not status.exists():
        pytest.skip("needs /proc to see when the command is ready")
    while True:
        caught = re.search(r"^SigCgt:\s*(\w+)", status.read_text(), re.M)
        handled = int(caught[1], 16) if caught else 0
        # Python itself handles SIGINT from the start; the verb alone handles SIGTERM.
        if handled >> (signal.SIGTERM - 1) & 1:
            return
        time.sleep(0.02)


def test_json_is_strict_json(capsys: pytest.CaptureFixture[str]) -> None:
    console.write_json({"a": float("inf"), "b": [float("nan"), 1.5], "c": Path("x"), 3: (True,)})
    assert json.loads(capsys.readouterr().out) == {
        "a": None,
        "b": [None, 1.5],
        "c": "x",
        "3": [True],
    }


def test_tables_are_neither_cut_nor_interpreted(capsys: pytest.CaptureFixture[str]) -> None:
    name = "[red]" + "long/" * 60 + "name[/red].png"
    console.write_table(("file", "bytes"), [(name, "12")])
    assert name in capsys.readouterr().out


def test_a_name_in_a_table_forges_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    console.write_table(("file",), [("a\nforged\x1b[31m\u202e\udcff.png",)])
    out = capsys.readouterr().out
    assert "a\\nforged\\x1b[31m\\u202e\\udcff.png" in out
    assert len(out.strip().splitlines()) == 3


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (2_345_000, "2.35 MB"), (10**13, "10 TB")],
)
def test_sizes_are_told_in_powers_of_a_thousand(count: int, words: str) -> None:
    assert console.size_in_words(count) == words


def test_a_bar_is_drawn_only_on_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with console.show_progress() as progress:
        progress.begin("work", 2)
        progress.advance(2)
        progress.end()
    assert capsys.readouterr() == ("", "")
