"""The command, run in this process."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from irrm_core.cli import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def irrm(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run ``irrm`` with these words; exit code, standard output and standard error."""

    def run(*words: object) -> tuple[int, str, str]:
        code = main([str(word) for word in words])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run
