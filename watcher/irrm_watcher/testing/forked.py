"""A ground whose commands run in forks of this process: real crashes without a start of Python.

Only for files that are stored byte for byte: torch does not survive a fork.
"""

from __future__ import annotations

import errno
import io
import os
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from irrm_watcher.failpoints import VARIABLE
from irrm_watcher.pipeline.clock import SystemClock
from irrm_watcher.pipeline.observer import Observer
from irrm_watcher.testing.ground import Ground

if TYPE_CHECKING:
    from collections.abc import Callable

UNEXPECTED = 70
"""Exit code of a fork that ended by an error which no command may end by."""


class JumpingClock(SystemClock):
    """The clocks of this machine, and how far a test has set them ahead or back."""

    def __init__(self) -> None:
        super().__init__()
        self.jumped = 0.0
        self.passed = 0.0

    def wall(self) -> float:
        """Return the time that people would read."""
        return time.time() + self.jumped + self.passed

    def steady(self) -> float:
        """Return the time since boot; a jump does not change it."""
        return super().steady() + self.passed


class Forked(Ground):
    """A `Ground` that is worked by forks of this process, its daemon without further processes.

    Attributes
    ----------
    clock : JumpingClock
        Of the daemon.
    """

    def __init__(self, place: Path, **options: Any) -> None:
        super().__init__(place, **options)
        self.clock = JumpingClock()
        # Once here, and not in every fork.
        import irrm_watcher.cli
        import irrm_watcher.config
        import irrm_watcher.daemon  # noqa: F401

    def run(
        self,
        verb: str,
        *words: str | Path,
        failpoint: str = "",
        check: bool = True,
        full_after: int | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a verb to its end, as `Ground.run` does.

        Parameters
        ----------
        verb, words, failpoint, check
            As there.
        full_after : int, optional
            So many files may still be made or synced; then the disk is full.
        """
        command = [*verb.split(), "--config", str(self.config), *map(str, words)]

        def work() -> int:
            os.environ[VARIABLE] = failpoint
            if full_after is not None:
                _fill_up(full_after)
            if verb == "once":
                return self._once()
            from irrm_watcher.cli import main

            return main(command)

        code, said = _forked(work)
        if check and code != 0:
            raise AssertionError(f"irrm-watch {verb} ended with {code}:\n{said}")
        return subprocess.CompletedProcess(command, code, said, said)

    def _once(self) -> int:
        from irrm_core.errors import IrrmError
        from irrm_watcher.config import load_config
        from irrm_watcher.daemon import Daemon
        from irrm_watcher.testing.inline import InlineWorkers

        class Impatient(Observer):
            """Ends the daemon where it would wait for room."""

            def trouble(self, what: str) -> None:
                sys.stderr.write(f"{what}\n")
                daemon.stop()

        daemon = Daemon(
            load_config(self.config),
            observer=Impatient(),
            clock=self.clock,
            workers=InlineWorkers,
        )
        try:
            return int(daemon.once().stopped)
        except (IrrmError, OSError) as error:
            sys.stderr.write(f"{error}\n")
            return getattr(error, "exit_code", 1)


def _forked(work: Callable[[], int]) -> tuple[int, str]:
    """Let a fork work; return its exit code, negative for a signal, and what it said."""
    with tempfile.TemporaryFile() as said:
        child = os.fork()
        if child == 0:
            _work(work, said.fileno())
        _, status = os.waitpid(child, 0)
        said.seek(0)
        return os.waitstatus_to_exitcode(status), said.read().decode(errors="backslashreplace")


def _work(work: Callable[[], int], said: int) -> NoReturn:
    code = UNEXPECTED
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.dup2(said, 1)
        os.dup2(said, 2)
        sys.stdout = io.TextIOWrapper(os.fdopen(os.dup(1), "wb"), errors="backslashreplace")
        sys.stderr = io.TextIOWrapper(os.fdopen(os.dup(2), "wb"), errors="backslashreplace")
        code = work()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _fill_up(after: int) -> None:
    """Let this process find the disk full, when it has made or synced so many files."""
    left = after

    def counted(call: Callable[..., Any], applies: Callable[..., bool]) -> Callable[..., Any]:
        def called(*args: Any, **options: Any) -> Any:
            nonlocal left
            if applies(*args, **options):
                left -= 1
                if left < 0:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return call(*args, **options)

        return called

    def writes(_path: Any, mode: str = "r", *_args: Any, **_options: Any) -> bool:
        return any(letter in mode for letter in "wxa+")

    def always(*_args: Any, **_options: Any) -> bool:
        return True

    # Where pathlib and the archive make files; SQLite writes by itself.
    vars(io)["open"] = counted(io.open, writes)
    for name in ("fsync", "mkdir", "link"):
        vars(os)[name] = counted(getattr(os, name), always)
