"""The ground shifts under a running daemon: it says so, and touches nothing that it should not."""

from __future__ import annotations

import errno
import shutil
from typing import Any

import pytest

from irrm_core.archive.catalogue import State
from irrm_core.errors import (
    CatalogueError,
    CatalogueMissingError,
    ImageFileError,
    IrrmError,
    StoreError,
    UsageError,
)
from irrm_watcher.config import Config
from irrm_watcher.daemon import Daemon
from irrm_watcher.failpoints import VARIABLE
from irrm_watcher.pipeline.places import Places
from irrm_watcher.pipeline.serving import failure

from .conftest import Place


def test_a_catalogue_that_is_removed_while_it_is_written_ends_the_daemon(place: Place) -> None:
    place.put("notes.txt")
    daemon = place.daemon()

    def remove(_entry: object) -> None:
        (place.store / "catalogue.sqlite3").unlink()

    place.seen.on["committed"] = remove
    with pytest.raises(CatalogueMissingError, match="removed or replaced"):
        daemon.run()


def test_a_store_that_vanishes_or_is_hidden_by_another_is_noticed(place: Place) -> None:
    place.put("notes.txt")
    place.daemon().once()
    places = Places(place.store, place.store / "catalogue.sqlite3")
    places.check()
    place.store.rename(place.path / "unplugged")
    with pytest.raises(StoreError, match="was removed"):
        places.check()
    shutil.copytree(place.path / "unplugged", place.store)
    with pytest.raises(StoreError, match="another folder"):
        places.check()


def test_originals_are_not_moved_away_for_an_empty_store_where_another_was(place: Place) -> None:
    path = place.put("notes.txt")
    place.daemon({"mode": "replace"}).once()
    later = place.put("later.txt")
    place.store.rename(place.path / "unplugged")
    with pytest.raises(StoreError, match="was watched for another store"):
        place.daemon({"mode": "replace"}).once()
    assert later.exists() and not path.exists()


def test_one_store_has_one_writer_whatever_its_catalogue_is_called(place: Place) -> None:
    place.put("notes.txt")
    other = place.config().model_copy(update={"catalogue": place.path / "other.sqlite3"})
    told: list[str] = []

    def second(_entry: object) -> None:
        with pytest.raises(CatalogueError) as refused:
            Daemon(other).once()
        told.append(str(refused.value))

    place.seen.on["claimed"] = second
    place.daemon().once()
    assert len(told) == 1 and "is being written by process" in told[0]


def _run_with_reloads(place: Place, *reloads: Config | IrrmError) -> None:
    """Run; reload these one after the other; then archive one more file and stop."""
    waiting = list(reloads)

    def reload() -> Config:
        config = waiting.pop(0)
        if isinstance(config, IrrmError):
            raise config
        return config

    daemon = Daemon(place.config(), observer=place.seen, reload=reload)

    def started(_recovered: object) -> None:
        if waiting:
            daemon.ask_reload()
        else:
            place.put("notes.txt")

    place.seen.on["started"] = started
    place.seen.on["committed"] = lambda _entry: daemon.stop()
    daemon.run()


def test_a_configuration_that_cannot_be_worked_with_leaves_the_one_in_force(place: Place) -> None:
    (place.path / "other").mkdir()
    marker = '{"id": "other", "store": "another"}'
    (place.path / "other" / ".irrm-root.json").write_text(marker)
    taken = place.config({"path": place.path / "other", "mode": "replace"})
    moved = place.config().model_copy(update={"store": place.path / "elsewhere"})
    _run_with_reloads(place, taken, moved, UsageError("a key is wrong"))
    assert place.entry("notes.txt").state is State.committed
    told = place.seen.named("trouble")
    assert [text.rpartition("; ")[2] for text in told] == [
        "the configuration before is in force again",
        "the configuration in force stays",
        "the configuration in force stays",
    ]
    assert not (place.path / "elsewhere").exists()


def test_a_reload_is_no_end_to_whoever_watches_over_the_daemon(place: Place) -> None:
    stops: list[Any] = []
    place.seen.stopping = lambda: stops.append(len(place.seen.named("started")))  # type: ignore[method-assign]
    _run_with_reloads(place, place.config(), place.config())
    assert stops == [3]


def test_what_waits_in_a_folder_that_is_watched_no_more_waits_no_longer(place: Place) -> None:
    place.put("notes.txt")
    daemon = place.daemon()
    place.seen.on["claimed"] = lambda _entry: daemon.stop()
    daemon.run()
    (place.path / "other").mkdir()
    place.daemon({"name": "other", "path": place.path / "other"}).once()
    assert place.entries() == [] or place.entries()[0].state is State.committed


def test_in_mode_copy_what_an_earlier_mode_put_into_quarantine_stays_there(place: Place) -> None:
    place.put("notes.txt")
    place.daemon({"mode": "replace"}).once()
    place.daemon({"mode": "copy", "quarantine": 0.0}).once()
    entry = place.entry("notes.txt")
    assert entry.state is State.quarantined
    place.daemon({"mode": "replace", "quarantine": 0.0}).once()
    assert place.entry("notes.txt").state is State.purged


def test_files_that_a_new_rule_excludes_are_left_alone(place: Place) -> None:
    path = place.put("notes.txt")
    place.put("failed.txt")
    place.daemon().once()
    remaining = place.daemon({"mode": "replace", "exclude": ["notes.txt"]}).once()
    assert path.exists() and remaining.unmoved == 0
    assert place.entry("notes.txt").state is State.committed
    assert place.entry("failed.txt").state is State.quarantined


def test_a_file_that_failed_is_tried_again_when_its_permissions_change(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = place.put("notes.txt")
    monkeypatch.setenv(VARIABLE, "before-candidate:1:alone")
    place.daemon(retries=0).once()
    monkeypatch.delenv(VARIABLE)
    place.daemon().once()
    assert place.entry("notes.txt").state is State.failed
    path.chmod(0o600)
    place.daemon().once()
    assert place.entry("notes.txt").state is State.committed


@pytest.mark.parametrize(("number", "kind"), [(errno.EIO, "crash"), (errno.EACCES, "content")])
def test_what_may_pass_is_tried_again_and_what_will_not_is_not(number: int, kind: str) -> None:
    error = ImageFileError("a.png: cannot be read")
    error.__cause__ = OSError(number, "why")
    assert failure(error).kind == kind
