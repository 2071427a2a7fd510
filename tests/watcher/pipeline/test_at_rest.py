"""What waits for something must not keep the machine busy."""

from __future__ import annotations

import os
import signal
import threading
from multiprocessing.connection import wait
from pathlib import Path

from irrm_core.archive.store import Store
from irrm_watcher.catalogue import CatalogueWriter
from irrm_watcher.pipeline.folders import folders_of
from irrm_watcher.pipeline.jobs import Hash, Settings
from irrm_watcher.pipeline.watching import Watches
from irrm_watcher.pipeline.workers import Workers

from .conftest import Clock, Place


def test_a_worker_that_is_killed_at_rest_does_not_keep_the_daemon_awake(place: Place) -> None:
    path = place.put("notes.txt")
    store = Store.create(place.store)
    workers = Workers(1, Settings(store.path, store.path / "catalogue.sqlite3", 1))
    try:
        workers.begin("hash", Hash(path), 1)
        while not list(workers.results()):
            wait(workers.waitables, 1.0)
        (child,) = _workers_of(os.getpid())
        os.kill(child, signal.SIGKILL)
        wait(workers.waitables, 10.0)
        workers.retire(idle=3600.0)
        assert workers.waitables == []
        workers.begin("hash", Hash(path), 1)
        assert workers.alive == 1
    finally:
        workers.end()


def test_a_file_held_open_is_not_looked_at_without_a_pause(place: Place, clock: Clock) -> None:
    path = place.put("notes.txt")
    config = place.config({"delay": 0.0})
    store = Store.create(place.store)
    with CatalogueWriter.open(config.catalogue, store=store.path) as writer, path.open("ab"):
        watches = Watches(
            folders_of(config, store),
            writer,
            store,
            wake=threading.Event(),
            period=600.0,
            observer=place.seen,
            clock=clock.steady,
        )
        watches.start()
        try:
            watches.look({})
            assert watches.waiting == 1
            assert watches.next_look() > clock.steady()
        finally:
            watches.stop()


def _workers_of(pid: int) -> list[int]:
    children = [
        int(word)
        for task in Path(f"/proc/{pid}/task").iterdir()
        for word in (task / "children").read_text().split()
    ]
    return [
        child for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()
    ]
