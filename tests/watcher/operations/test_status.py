"""The status document, its metrics, and the daemon's heartbeat."""

from __future__ import annotations

import json
import os
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from irrm_core.archive.catalogue import Signature, State, StorageClass
from irrm_core.archive.store import Store
from irrm_core.errors import CatalogueMissingError, UsageError
from irrm_watcher.catalogue import CatalogueWriter
from irrm_watcher.config import Config, load_config
from irrm_watcher.operations import read_status, watching_over
from irrm_watcher.operations.heartbeat import Beating, Heartbeat, heartbeat_path
from irrm_watcher.operations.metrics import MetricsFile, MetricsPort
from irrm_watcher.operations.reasons import counted, kind_of
from irrm_watcher.pipeline.observer import Scanned
from irrm_watcher.scan import Watching
from irrm_watcher.testing.filling import fill

TEXT = """
store = "store"
[daemon]
metrics_file = "metrics.prom"
[[folder]]
name = "pictures"
path = "incoming"
mode = "replace"
quarantine = "30d"
"""


@pytest.fixture
def config(tmp_path: Path) -> Config:
    (tmp_path / "incoming").mkdir()
    (tmp_path / "watch.toml").write_text(TEXT)
    return load_config(tmp_path / "watch.toml")


@pytest.fixture
def filled(config: Config) -> Iterator[Config]:
    store = Store.create(config.store)
    with CatalogueWriter.open(config.catalogue, store=store.path) as writer:
        fill(writer, 110)
    yield config


def beating(config: Config, *, once: bool = False) -> Beating:
    beating = Beating(heartbeat_path(config.catalogue), once=once)
    beating.started({}, {"pictures": Watching(True, "the system tells")})
    beating.scanned(Scanned("pictures", "start", 110))
    beating.beat(0, 0)
    return beating


def test_before_the_first_start_there_is_a_status_and_it_is_not_well(config: Config) -> None:
    document = read_status(config).document()
    assert document["files"] == document["backlog"] == 0
    assert document["daemon"]["running"] is False
    assert not document["healthy"]


def test_a_catalogue_that_is_gone_from_a_full_store_is_an_error(config: Config) -> None:
    store = Store.create(config.store)
    place = store.target("pictures", b"a.png", 1, ".png")
    place.parent.mkdir(parents=True)
    place.write_bytes(b"x")
    with pytest.raises(CatalogueMissingError, match="rebuild"):
        read_status(config)


def test_the_sums_are_those_of_the_catalogue(filled: Config) -> None:
    beating(filled)
    document = read_status(filled).document()
    assert document["files"] == sum(document["states"].values()) == 110
    assert document["states"]["failed"] == document["failures"] == 10
    sizes = document["bytes"]
    assert sizes["original"] - sizes["stored"] == sizes["saved"] > 0
    assert document["failed"][0]["files"] == 10
    (folder,) = document["folders"]
    assert folder["present"] is True
    assert folder["events"] is True
    assert folder["next_purge"] == document["next_purge"] is not None
    assert document["healthy"]
    json.dumps(document, allow_nan=False)


def test_a_daemon_runs_until_it_says_that_it_ended(filled: Config) -> None:
    daemon = beating(filled)
    assert read_status(filled).document()["daemon"]["running"]
    daemon.close()
    document = read_status(filled).document()
    assert not document["daemon"]["running"]
    assert "was ended" in document["reasons"][0]


def test_a_heartbeat_of_a_process_that_is_gone_tells_of_a_crash(filled: Config) -> None:
    beating(filled)
    path = heartbeat_path(filled.catalogue)
    fields = json.loads(path.read_text())
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    path.write_text(json.dumps({**fields, "pid": child}))
    assert "crashed" in read_status(filled).document()["reasons"][0]


def test_who_came_second_leaves_the_heartbeat_of_the_first_alone(filled: Config) -> None:
    beating(filled)
    path = heartbeat_path(filled.catalogue)
    before = path.read_bytes()
    Beating(path).close()  # it never got the lock, so it never started
    assert path.read_bytes() == before


def test_trouble_passes_when_a_file_is_archived(filled: Config) -> None:
    daemon = beating(filled)
    daemon.trouble("no space")
    assert read_status(filled).reasons == ["no space"]
    daemon.committed(None)
    assert read_status(filled).reasons == []


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"format": 99}', b"\xff" * 100])
def test_a_damaged_heartbeat_is_as_none(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "beat").write_bytes(content)
    assert Heartbeat.read(tmp_path / "beat") is None


def samples(text: str) -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_prometheus_reads_the_text_file(filled: Config) -> None:
    beating(filled)
    assert filled.daemon.metrics_file is not None
    MetricsFile(filled.daemon.metrics_file, filled).beat(0, 0)
    found = samples(filled.daemon.metrics_file.read_text())
    assert found["irrm_watch_healthy",] == 1
    assert found["irrm_watch_failed_files",] == 10
    assert found["irrm_watch_files", "failed"] == 10
    assert found["irrm_watch_folder_present", "pictures"] == 1
    assert found["irrm_watch_saved_bytes",] > 0
    assert found["irrm_watch_backlog_files",] == found["irrm_watch_oldest_pending_seconds",] == 0
    assert found["irrm_watch_last_success_timestamp_seconds",] == 107


def test_prometheus_reads_the_port(filled: Config) -> None:
    beating(filled)
    port = MetricsPort(0, filled)
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port.port}/metrics") as answer:
            found = samples(answer.read().decode())
    finally:
        port.close()
    assert found["irrm_watch_failed_files",] == 10


def test_metrics_that_cannot_be_written_are_told_once(filled: Config, tmp_path: Path) -> None:
    said: list[str] = []
    metrics = MetricsFile(tmp_path / "no" / "folder.prom", filled, say=said.append)
    metrics.write()
    metrics.write()
    assert len(said) == 1


def test_all_that_watches_over_a_daemon_begins_and_ends_together(filled: Config) -> None:
    with watching_over(filled) as observer:
        observer.started({}, {"pictures": Watching(True, "the system tells")})
        observer.beat(0, 0)
        assert read_status(filled).running
    assert not read_status(filled).running
    assert filled.daemon.metrics_file is not None
    assert filled.daemon.metrics_file.exists()


def test_a_port_that_is_taken_is_an_error_that_names_the_key(filled: Config) -> None:
    port = MetricsPort(0, filled)
    daemon = filled.daemon.model_copy(update={"metrics_port": port.port})
    taken = filled.model_copy(update={"daemon": daemon})
    try:
        with pytest.raises(UsageError, match="metrics_port"), watching_over(taken):
            pass
    finally:
        port.close()


def test_reasons_that_differ_in_numbers_alone_are_one_kind() -> None:
    one = "lr: PSNR 33.9 dB in channel 0 is under 36 dB; PSNR 32 dB in channel 1 is under 36 dB"
    assert kind_of(one) == "lr: PSNR … dB is under … dB"
    assert kind_of("/a b/c: d.png: is damaged") == kind_of("/e.png: d.png: is damaged")
    assert counted([("saves 3 %", 2), ("saves 4 %", 1), ("RAW", 1)], 1) == (("saves … %", 3),)


def test_why_files_are_exact_and_not_lr_is_told_by_kinds(config: Config) -> None:
    store = Store.create(config.store)
    with CatalogueWriter.open(config.catalogue, store=store.path) as writer:
        for size in (700, 900):
            entry = writer.see("pictures", b"%d.jpg" % size, Signature(size, 1, 2, 3), 0o644)
            for state in (State.stable, State.claimed):
                entry = writer.advance(entry, state)
            writer.advance(
                entry,
                State.verified,
                storage=StorageClass.exact,
                stored_path=b"files/%d" % size,
                reason=f"lr: would take {size + 50} bytes where the original takes {size}",
            )
    assert read_status(config).document()["exact"] == [
        {"reason": "lr: would take … bytes where the original takes …", "files": 2}
    ]
