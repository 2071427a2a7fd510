"""What is looked at when, and what people are told of it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from irrm_core.archive.catalogue import State
from irrm_core.archive.store import Store
from irrm_core.errors import CatalogueError
from irrm_watcher.catalogue import CatalogueWriter
from irrm_watcher.operations.heartbeat import Beating, Heartbeat
from irrm_watcher.operations.log import Log
from irrm_watcher.operations.several import Several
from irrm_watcher.pipeline import watching
from irrm_watcher.pipeline.folders import folders_of
from irrm_watcher.pipeline.observer import Observer
from irrm_watcher.pipeline.watching import Watches
from irrm_watcher.scan import EventSource, Watching

from .conftest import Clock, Place


@pytest.fixture
def watch(place: Place, clock: Clock) -> Iterator[Callable[..., Watches]]:
    """Watch the folder of a place."""
    with ExitStack() as stack:

        def begin(observer: Observer | None = None) -> Watches:
            config = place.config()
            store = Store.create(place.store)
            watches = Watches(
                folders_of(config, store),
                stack.enter_context(CatalogueWriter.open(config.catalogue, store=store.path)),
                store,
                wake=threading.Event(),
                period=600.0,
                observer=observer or place.seen,
                clock=clock.steady,
            )
            stack.callback(watches.stop)
            watches.start()
            return watches

        yield begin


def test_a_disk_that_is_mounted_again_is_noticed_without_an_event(
    place: Place, clock: Clock, watch: Callable[..., Watches]
) -> None:
    place.put("notes.txt")
    watches = watch()
    watches.look({})
    place.root.rename(place.path / "unplugged")
    clock.pass_(600.0)
    watches.look({})
    assert not watches.present
    for _ in range(3):
        clock.pass_(watching.AWAY)
        assert watches.next_look() <= clock.steady() + watching.AWAY
        watches.look({})
    (place.path / "unplugged").rename(place.root)
    clock.pass_(watching.AWAY)
    watches.look({})
    assert watches.present
    told = [scanned.away for scanned in place.seen.named("scanned") if scanned.away]
    assert len(told) == 1


def test_writers_are_asked_for_in_a_folder_that_was_mounted_after_the_start(
    place: Place, clock: Clock, watch: Callable[..., Watches]
) -> None:
    watches = watch()
    place.root.rmdir()
    watches.look({})
    with place.put("notes.txt").open("ab"):
        clock.pass_(watching.AWAY)
        watches.look({})
        watches.look({})
        assert watches.present and watches.waiting == 1


@pytest.mark.parametrize("everything", [True, False])
def test_what_the_catalogue_could_not_learn_is_said_again(
    everything: bool,
    place: Place,
    clock: Clock,
    watch: Callable[..., Watches],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    watches = watch()
    if not everything:
        watches.look({})
    place.put("notes.txt")

    def full(*_arguments: object) -> None:
        raise CatalogueError("no space is left for the catalogue")

    with monkeypatch.context() as patch:
        patch.setattr(watching, "apply", full)
        for _ in range(3):
            clock.pass_(600.0)
            with pytest.raises(CatalogueError):
                watches.look({})
    assert watches.look({})
    assert place.entry("notes.txt").state is State.stable


def test_that_a_folder_is_polled_from_now_on_is_said(
    place: Place, clock: Clock, watch: Callable[..., Watches], monkeypatch: pytest.MonkeyPatch
) -> None:
    watches = watch()
    how = Watching(False, "is polled, since no more watches are taken")
    monkeypatch.setattr(EventSource, "check", lambda _events: {"incoming": how})
    clock.pass_(600.0)
    watches.look({})
    assert place.seen.named("watched") == [how]


def test_what_is_passed_over_is_told_once_and_shown_in_the_status(
    place: Place, clock: Clock, watch: Callable[..., Watches], tmp_path: Path
) -> None:
    place.put("notes.txt")
    (place.root / "link.png").symlink_to("/etc/hostname")
    os.mkfifo(place.root / "pipe.png")
    beat = tmp_path / "heartbeat"
    with (tmp_path / "log").open("w+") as log:
        observer = Several([Log("json", log), beating := Beating(beat)], lambda _what: None)
        observer.started({}, {})
        watches = watch(observer)
        for _ in range(3):
            watches.look({})
            clock.pass_(600.0)
        beating.close()
        log.seek(0)
        told = [line for line in log if '"passed"' in line]
    assert len(told) == 2 and "is a symbolic link" in told[0]
    found = Heartbeat.read(beat)
    assert found is not None
    folder = found.folders["incoming"]
    assert folder.passed == 2 and "'link.png' is a symbolic link" in folder.passed_first
