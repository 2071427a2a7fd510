"""The command that is run on failure."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from irrm_core.archive.catalogue import Entry, State
from irrm_core.errors import UsageError
from irrm_watcher.operations.hook import MOST, FailureHook

ENTRY = Entry(
    id=1,
    root="photos",
    path=b"a \xff.png",
    version=1,
    state=State.failed,
    size=1,
    mtime_ns=0,
    mode=0o100644,
    seen_at=0.0,
    changed_at=0.0,
    attempts=4,
)


def command(script: str, *words: object) -> str:
    return shlex.join([sys.executable, "-c", script, *map(str, words)])


APPEND = "import sys; open(sys.argv[1], 'a').write(sys.stdin.read())"


def documents(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text().splitlines():
        yield json.loads(line)


def test_the_command_gets_what_failed_and_why_as_json(tmp_path: Path) -> None:
    told = tmp_path / "told"
    hook = FailureHook(command(APPEND, told), "/srv/store")
    hook.failed(ENTRY, "damaged")
    hook.close()
    (document,) = documents(told)
    assert document["store"] == "/srv/store"
    (failure,) = document["failures"]
    assert failure.pop("at") > 0
    assert failure == {
        "event": "failed",
        "root": "photos",
        "path": "a \udcff.png",
        "reason": "damaged",
        "attempts": 4,
    }


def test_what_fails_in_one_go_is_told_together_and_not_without_end(tmp_path: Path) -> None:
    told = tmp_path / "told"
    hook = FailureHook(command(APPEND, told), "/srv/store", pause=3600)
    for _ in range(3 * MOST):
        hook.trouble("no space")
    hook.close()
    found = list(documents(told))
    assert len(found) <= 2  # the first at once, the others after the pause, or at the end
    assert sum(len(each["failures"]) + each["omitted"] for each in found) == 3 * MOST
    assert all(len(each["failures"]) <= MOST for each in found)


def test_a_command_that_hangs_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    said: list[str] = []
    child = "import subprocess, sys; subprocess.run(['sleep', '1000'])"
    hook = FailureHook(command(child), "/srv/store", say=said.append, timeout=0.3)
    hook.trouble("no space")
    hook.close()
    assert "was ended after 0.3 seconds" in said[0]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (command("raise SystemExit(3)"), "ended with 3"),
        ("/no/such/program", "cannot be run"),
    ],
)
def test_a_command_that_fails_is_told_and_nothing_else_happens(line: str, sentence: str) -> None:
    said: list[str] = []
    hook = FailureHook(line, "/srv/store", say=said.append)
    hook.trouble("no space")
    hook.close()
    assert sentence in said[0]


def test_a_command_that_reads_nothing_does_no_harm() -> None:
    said: list[str] = []
    hook = FailureHook("true", "/srv/store", say=said.append)
    hook.trouble("x" * 1_000_000)
    hook.close()
    assert said == []


def test_quotes_that_do_not_close_are_an_error_at_the_start() -> None:
    with pytest.raises(UsageError, match="on_failure"):
        FailureHook("mail 'me", "/srv/store")
