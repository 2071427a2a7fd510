"""`irrm-watch restore`: what a person asks for comes back, and everything else is said."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from numpy.typing import NDArray

from irrm_core.archive.catalogue import State
from irrm_core.archive.recall import Journal
from irrm_core.archive.store import Store
from irrm_core.imagefile import write_image
from irrm_watcher.catalogue import CatalogueWriter, rebuild
from irrm_watcher.cli import main

from ..archive.recall.building import EXACT, LR, archive

CONFIGURATION = """\
store = "{0}/store"
[[folder]]
name = "photos"
path = "{0}/photos"
[[folder]]
name = "scans"
path = "{0}/scans"
"""
BAD_NAME = os.fsdecode(b"bad\xffname\n.txt")


@dataclass
class Ran:
    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def place(tmp_path: Path, default_models: Path, pixels: Callable[..., NDArray[Any]]) -> Path:
    """Two watched folders, all of which is in the store, and a configuration."""
    store = Store.create(tmp_path / "store")
    photos, scans = tmp_path / "photos", tmp_path / "scans"
    (photos / "2019").mkdir(parents=True)
    scans.mkdir()
    write_image(photos / "2019" / "beach.jpg", pixels(60, 80, 3))
    write_image(scans / "plan.png", pixels(40, 56, 3))
    (photos / "notes.txt").write_bytes(b"some notes\n" * 200)
    (photos / BAD_NAME).write_bytes(b"strange\n" * 200)
    for folder, path, rule in (
        (photos, "2019/beach.jpg", EXACT),
        (photos, "notes.txt", EXACT),
        (photos, BAD_NAME, EXACT),
        (scans, "plan.png", LR),
    ):
        archive(store, folder, path, rule, root=folder.name)
    catalogued(tmp_path)
    (tmp_path / "watch.toml").write_text(CONFIGURATION.format(tmp_path))
    return tmp_path


def catalogued(place: Path) -> None:
    store = Store.open(place / "store")
    roots = {name: place / name for name in ("photos", "scans")}
    rebuild(store.catalogue, store, roots, overwrite=True)


@pytest.fixture
def restore(place: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    def run(*words: str) -> Ran:
        capsys.readouterr()
        code = main(["restore", "--config", str(place / "watch.toml"), *words])
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return run


Restore = Callable[..., Ran]


def files(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def test_a_lost_file_comes_back_where_it_was(place: Path, restore: Restore) -> None:
    notes = place / "photos" / "notes.txt"
    content = notes.read_bytes()
    notes.unlink()
    ran = restore(str(notes), "--json")
    assert ran.code == 0
    assert notes.read_bytes() == content
    (file,) = ran.document["files"]
    assert (file["outcome"], file["exact"], file["path"]) == ("restored", True, "notes.txt")


def test_everything_goes_to_another_folder_as_a_tree_of_all_roots(
    place: Path, restore: Restore
) -> None:
    shutil.rmtree(place / "photos")  # nothing but the store is needed
    shutil.rmtree(place / "scans")
    assert restore("--all", "--to", str(place / "out")).code == 0
    assert files(place / "out") == {
        "photos/2019/beach.jpg",
        "photos/notes.txt",
        f"photos/{BAD_NAME}",
        "scans/plan.png",
    }
    hashes = Journal(place / "store").hashes()
    assert len(hashes) == 4


def standing(place: Path) -> set[str]:
    """All files but those that SQLite makes to read a catalogue."""
    return {name for name in files(place) if "catalogue" not in name}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--glob", "*.jpg"), {"2019/beach.jpg"}),
        (("--glob", "*.jpg", "--glob", "*.png"), {"2019/beach.jpg", "plan.png"}),
        (("photos/2019",), {"2019/beach.jpg"}),
        (("plan.png",), {"plan.png"}),
        (("plan.png", "--until", "2001-01-01"), None),
        (("--since", "2001-01-01", "--glob", "*.png"), {"plan.png"}),
        (("--all", "--version", "2"), None),
    ],
)
def test_a_dry_run_says_what_matches_and_touches_nothing(
    place: Path, restore: Restore, words: tuple[str, ...], expected: set[str] | None
) -> None:
    before = standing(place)
    ran = restore(*words, "--dry-run", "--json")
    assert standing(place) == before
    if expected is None:
        assert ran.code == 2
        assert "nothing in the store matches" in ran.err
    else:
        assert {file["path"] for file in ran.document["files"]} == expected
        assert {file["outcome"] for file in ran.document["files"]} == {"there"}


def test_what_is_not_in_the_store_is_an_error_with_the_nearest_name(restore: Restore) -> None:
    ran = restore("nots.txt")
    assert ran.code == 2
    assert "near to it are notes.txt" in ran.err


@pytest.mark.parametrize("words", [(), ("--all", "notes.txt"), ("--since", "yesterday-ish")])
def test_an_unclear_request_is_refused(restore: Restore, words: tuple[str, ...]) -> None:
    assert restore(*words).code == 2


@pytest.mark.parametrize("inside", ["photos/out", "store/out", "scans"])
def test_a_place_in_a_watched_folder_or_the_store_is_refused(
    place: Path, restore: Restore, inside: str
) -> None:
    ran = restore("--all", "--to", str(place / inside))
    assert ran.code == 2
    assert "name a folder outside" in ran.err


def test_a_damaged_file_is_refused_by_name_and_the_others_come_back(
    place: Path, restore: Restore
) -> None:
    (stored,) = (place / "store" / "files").rglob("notes.txt*")
    stored.write_bytes(stored.read_bytes() + b"x")
    ran = restore("--all", "--to", str(place / "out"), "--json")
    assert ran.code == 20
    (failed,) = ran.document["failed"]
    assert (failed["path"], failed["exit_code"]) == ("notes.txt", 10)
    assert len(ran.document["files"]) == 3
    assert "photos/notes.txt" not in files(place / "out")
    alone = restore("notes.txt", "--to", str(place / "out2"))
    assert alone.code == 10
    assert "backup of the store" in alone.err


def test_an_older_version_is_restored_when_it_is_asked_for(place: Path, restore: Restore) -> None:
    notes = place / "photos" / "notes.txt"
    first = notes.read_bytes()
    notes.write_bytes(b"second\n" * 300)
    store = Store.open(place / "store")
    archive(store, place / "photos", "notes.txt", EXACT, root="photos", version=2)
    catalogued(place)
    for version, content in ((), b"second\n" * 300), (("--version", "1"), first):
        out = place / f"out{len(version)}"
        assert restore("photos/notes.txt", "--to", str(out), *version).code == 0
        assert (out / "photos" / "notes.txt").read_bytes() == content


def test_a_lost_catalogue_is_an_error_that_says_how_to_make_it_anew(
    place: Path, restore: Restore
) -> None:
    Store.open(place / "store").catalogue.unlink()
    ran = restore("--all", "--to", str(place / "out"))
    assert ran.code == 14
    assert "irrm-watch catalog rebuild" in ran.err


def test_originals_that_wait_in_quarantine_are_told_of(place: Path, restore: Restore) -> None:
    with CatalogueWriter.open(Store.open(place / "store").catalogue) as writer:
        (entry,) = (entry for entry in writer.entries() if entry.path == b"notes.txt")
        writer.advance(entry, State.quarantined, quarantine_path=b".irrm-quarantine/1/notes.txt")
    ran = restore("photos/notes.txt", "--to", str(place / "out"))
    assert ran.code == 0
    assert "1 of these files are in quarantine still" in ran.err
    assert "quarantine" not in restore("--glob", "*.png", "--to", str(place / "out")).err
