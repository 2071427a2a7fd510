"""The worker's side: a process that does the heavy part and writes no catalogue.

It loads a model once, ends when its pipe does (so it dies with the daemon, however that dies),
and lets a cancel through while it works.
"""

from __future__ import annotations

import errno
import os
import queue
import signal
import threading
from contextlib import suppress
from dataclasses import replace
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from typing import TYPE_CHECKING, Any

from irrm_core.errors import (
    Cancelled,
    CatalogueError,
    IrrmError,
    ModelFileError,
    ModelNotFoundError,
    OutOfMemoryError,
    SourceChangedError,
    StoreError,
)
from irrm_core.progress import Cancel, NoProgress
from irrm_watcher.pipeline.jobs import (
    Archive,
    Encoded,
    Failure,
    Hash,
    Job,
    Recheck,
    Result,
    Settings,
)

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

STOP = b"stop"
"""Sent to a worker, not pickled: give up what you are at."""

_PASSING = frozenset(
    {errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.ENODEV, errno.ENXIO, errno.EAGAIN}
)
"""Errors of disks and networks, of which reading again may know nothing."""

BEAT = "beat"
"""Sent by a worker: something moved."""


def serve(pipe: Connection, settings: Settings) -> None:
    """Work until the pipe ends; the target of a worker process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the daemon's to turn into a cancel
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.environ["OMP_NUM_THREADS"] = str(settings.threads)  # read when torch is first imported
    with suppress(OSError, AttributeError):
        os.nice(5)
    with suppress(OSError):  # where memory runs out, it costs this process and not the daemon
        Path("/proc/self/oom_score_adj").write_text("500")
    jobs: queue.SimpleQueue[tuple[bytes, Cancel]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(pipe, jobs), daemon=True).start()
    work = Work(settings)
    while True:
        message, cancel = jobs.get()
        # Here and not in the other thread: unpickling imports, and two threads that import
        # modules of one another at once can fail.
        job: Job = ForkingPickler.loads(message)
        with suppress(BrokenPipeError):  # the daemon is gone, and _listen ends this process
            pipe.send(work.result(job, cancel, _Told(pipe)))


def _listen(pipe: Connection, jobs: queue.SimpleQueue[tuple[bytes, Cancel]]) -> None:
    cancel = Cancel()
    while True:
        try:
            message = pipe.recv_bytes()
        except (EOFError, OSError):
            os._exit(0)
        if message == STOP:
            cancel.cancel()
        else:
            cancel = Cancel()
            jobs.put((message, cancel))


class Beats(NoProgress):
    """Hears how a job moves on."""

    def encoded(self) -> None:
        """Hear that an archive file is written, and the gate looks at it."""


class _Told(Beats):
    """Tells the daemon that a long job moves on."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe

    def advance(self, steps: int = 1) -> None:
        self._say(BEAT)

    def encoded(self) -> None:
        self._say(Encoded())

    def _say(self, message: str | Encoded) -> None:
        with suppress(OSError):
            self._pipe.send(message)


class Work:
    """What a worker does, and what it keeps from file to file.

    Parameters
    ----------
    settings : Settings
        Of the daemon.
    """

    def __init__(self, settings: Settings) -> None:
        from irrm_core.archive.store import Store

        self._settings = settings
        self._store = Store.open(settings.store)
        self._pools: dict[Any, Any] = {}

    def result(self, job: Job, cancel: Cancel, beats: Beats) -> Result:
        """Do a job; whatever goes wrong is a result, too."""
        try:
            match job:
                case Archive():
                    return self._archive(job, cancel, beats)
                case Hash():
                    from irrm_watcher.pipeline.checking import hashed

                    return hashed(job.source, cancel)
                case Recheck():
                    from irrm_watcher.pipeline.checking import rechecked

                    options = {"device": self._settings.device, "threads": self._settings.threads}
                    return rechecked(job, self._store, options, cancel, beats)
        except BaseException as error:
            found = failure(error)
            if isinstance(job, Recheck) and found.kind == "store" and found.errno is None:
                # A model that the store has lost is what the comparison is for.
                return replace(found, kind="content")
            return found

    def _archive(self, job: Archive, cancel: Cancel, beats: Beats) -> Result:
        from irrm_watcher.pipeline.encoding import archived

        key = job.rule.pool_key
        if key not in self._pools:
            self._pools.clear()  # one set of models in memory at a time
            self._pools[key] = job.rule.pool(
                device=self._settings.device, threads=self._settings.threads
            )
        pool = self._pools[key]
        return archived(
            job, self._store, self._settings.catalogue, pool, cancel, beats, beats.encoded
        )


def failure(error: BaseException) -> Failure:
    """Return what an error means for the file it happened to."""
    from irrm_core.archive.classes import StoreWriteError

    match error:
        case Cancelled():
            return Failure("cancelled", "interrupted")
        case SourceChangedError():
            return Failure("changed", str(error))
        case StoreWriteError() | StoreError() | CatalogueError():
            return Failure("store", str(error), error.errno)
        case ModelNotFoundError() | ModelFileError():
            return Failure("store", str(error))
        case MemoryError() | OutOfMemoryError():
            return Failure("crash", f"out of memory: {error}" if str(error) else "out of memory")
        case IrrmError() if getattr(error.__cause__, "errno", None) in _PASSING:
            return Failure("crash", str(error))
        case IrrmError():
            return Failure("content", str(error))
        case _:
            return Failure("crash", f"{type(error).__name__}: {error}")
