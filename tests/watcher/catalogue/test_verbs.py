"""``irrm-watch list``, ``catalog rebuild`` and ``catalog export``, run as people run them."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from irrm_core.archive.catalogue import ARCHIVED, Catalogue, Signature, State, record_columns
from irrm_core.archive.store import Store
from irrm_core.errors import CatalogueError, OutputExistsError, SomeFilesFailedError
from irrm_watcher.catalogue import CatalogueWriter
from irrm_watcher.cli import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def watched(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    return folder


@pytest.fixture
def store(tmp_path: Path, watched: Path) -> Store:
    """A store with two files, the second in two versions, and a file that failed."""
    import hashlib

    from irrm_core.archive.catalogue import StorageClass
    from irrm_core.archive.exact import encode_exact
    from irrm_core.archive.provenance import Provenance

    store = Store.create(tmp_path / "store")
    for path, version, content in (
        (b"a.jpg", 1, b"one"), (b"deep/\xff\n.tif", 1, b"two"), (b"deep/\xff\n.tif", 2, b"three"),
    ):  # fmt: skip
        source = store.spool / "copy"
        source.write_bytes(content)
        told = Provenance(
            root="in", path=path, version=version, size=len(content), mtime_ns=5, mode=0o644,
            sha256=hashlib.sha256(content).hexdigest(), archived_at=100.0 + version,
            storage=StorageClass.exact,
        )  # fmt: skip
        target = store.target("in", path, version, ".zst")
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("x+b") as stream:
            encode_exact(source, stream, told)
    return store


@pytest.fixture
def run(tmp_path: Path, store: Store, watched: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a verb with the configuration of the store."""
    config = tmp_path / "irrm.toml"
    config.write_text(
        f'store = "{store.path}"\n[[folder]]\nname = "in"\npath = "{watched}"\n', encoding="utf-8"
    )

    def call(*words: object) -> tuple[int, str, str]:
        code = main([*map(str, words), "--config", str(config)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def rebuilt(run: Run) -> None:
    assert run("catalog", "rebuild", "--quiet")[0] == 0


def test_a_lost_catalogue_is_rebuilt_and_kept_unless_told_otherwise(run: Run, store: Store) -> None:
    code, _, err = run("list")
    assert code == CatalogueError.exit_code
    assert "catalog rebuild" in err
    code, out, _ = run("catalog", "rebuild")
    assert code == 0
    assert "has 3 entries" in out
    code, _, err = run("catalog", "rebuild")
    assert code == OutputExistsError.exit_code
    assert "--overwrite" in err
    code, out, _ = run("catalog", "rebuild", "--overwrite", "--json")
    made = json.loads(out)
    assert (code, made["entries"], made["unused"]) == (0, 3, [])
    assert Path(made["aside"]).is_file()


def test_a_dry_run_reads_the_records_and_writes_nothing(run: Run, store: Store) -> None:
    code, out, _ = run("catalog", "rebuild", "--dry-run")
    assert code == 0
    assert "would have 3 entries" in out
    assert not store.catalogue.exists()


def test_an_archive_file_that_cannot_be_read_is_said_and_the_rest_is_there(
    run: Run, store: Store
) -> None:
    bad = store.target("in", b"a.jpg", 1, ".zst")
    bad.write_bytes(b"damaged")
    code, out, err = run("catalog", "rebuild", "--json")
    assert code == SomeFilesFailedError.exit_code
    assert [item["path"] for item in json.loads(out)["unused"]] == [str(bad)]
    assert str(bad) in err
    assert "1 of 3" in err
    with Catalogue.open(store.catalogue) as catalogue:
        assert len(catalogue.entries()) == 2


def test_list_shows_each_file_in_a_line_whatever_its_name(
    run: Run, watched: Path, store: Store
) -> None:
    (watched / "a.jpg").write_bytes(b"one")
    os.utime(watched / "a.jpg", ns=(5, 5))
    rebuilt(run)
    code, out, _ = run("list")
    lines = out.splitlines()
    assert code == 0
    assert len(lines) == 2
    assert lines[0].startswith("committed   exact     3 B")
    assert lines[0].endswith(str(watched / "a.jpg"))
    assert lines[1].endswith("deep/\\udcff\\n.tif (version 2) (original gone)")
    assert len(run("list", "--versions")[1].splitlines()) == 3


def test_list_takes_paths_patterns_states_and_classes(
    run: Run, watched: Path, store: Store
) -> None:
    rebuilt(run)
    with CatalogueWriter.open(store.catalogue) as writer:
        entry = writer.see("in", b"bad.jpg", Signature(1, 1), 0)
        writer.advance(entry, State.failed, reason="is damaged")

    def names(*words: object) -> list[str]:
        code, out, _ = run("list", "--json", *words)
        assert code == 0
        return [Path(item["original"]).name for item in json.loads(out)]

    assert names("*.jpg") == ["a.jpg", "bad.jpg"]
    assert names(watched / "deep") == ["\udcff\n.tif"]
    assert names("deep/**") == ["\udcff\n.tif"]
    assert names("a.jpg", "bad.jpg") == ["a.jpg", "bad.jpg"]
    assert names("--state", "failed") == ["bad.jpg"]
    assert names("--class", "exact", "*.jpg") == ["a.jpg"]
    assert names("--class", "lr") == []
    assert ": is damaged" in run("list", "--state", "failed")[1]
    code, out, err = run("list", "nothing.like.it")
    assert (code, out) == (0, "")
    assert "no file matches" in err


def test_an_export_has_a_line_for_every_version(run: Run, store: Store) -> None:
    rebuilt(run)
    code, out, _ = run("catalog", "export", "--json")
    assert code == 0
    told = [json.loads(line) for line in out.splitlines()]
    with Catalogue.open(store.catalogue) as catalogue:
        known = [record_columns(entry) for entry in catalogue.entries(states=ARCHIVED)]
    assert [item["stored_sha256"] for item in told] == [item["stored_sha256"] for item in known]
    rows = list(csv.DictReader(io.StringIO(run("catalog", "export")[1])))
    assert [row["version"] for row in rows] == ["1", "1", "2"]
    assert rows[0]["path"] == "a.jpg"
