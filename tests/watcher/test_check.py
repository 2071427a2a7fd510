"""``irrm-watch check`` as a script sees it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image

from irrm_core.archive.catalogue import Entry, Signature, State, columns_of
from irrm_core.archive.choice import RescalerPool
from irrm_core.archive.classes import Rule, Stored, commit, spool, store_file
from irrm_core.archive.gate import Floors
from irrm_core.archive.store import Store
from irrm_core.errors import FindingsError, StoreError, UsageError

pytest.importorskip("imagecodecs")
pytest.importorskip("zstandard")
pytest.importorskip("pydantic")

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def watch(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run ``irrm-watch`` with these words; exit code, standard output and standard error."""
    from irrm_watcher.cli import main

    def run(*words: object) -> tuple[int, str, str]:
        code = main([str(word) for word in words])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.create(tmp_path / "store")


@pytest.fixture
def config(tmp_path: Path, store: Store) -> Path:
    (tmp_path / "in").mkdir()
    path = tmp_path / "watch.toml"
    path.write_text(
        f"store = {json.dumps(str(store.path))}\n"
        f'[[folder]]\nname = "photos"\npath = {json.dumps(str(tmp_path / "in"))}\n'
    )
    return path


@pytest.fixture
def entries(
    tmp_path: Path, store: Store, default_models: Path, pixels: Callable[..., object]
) -> Iterator[list[Entry]]:
    """Four stored files, one of them of class lr, with their rows."""
    from irrm_watcher.catalogue import CatalogueWriter

    source = tmp_path / "picture.bmp"
    Image.fromarray(pixels(64, 80, 3)).save(source)  # type: ignore[arg-type]
    pool = RescalerPool(device="cpu", precision="fp32", scale=2)
    rows = []
    with CatalogueWriter.open(store.catalogue, store=store.path) as catalogue:
        for name in (b"lr.bmp", b"a.bmp", b"b.bmp", b"c\n\xff.bmp"):
            spooled = spool(source, store)
            rule = Rule(
                classes=frozenset({"lr" if name == b"lr.bmp" else "exact"}),  # type: ignore[arg-type]
                floors=Floors(psnr=None, ssim=None),
                minimum_saving=0,
            )
            facts = spooled.facts("photos", name)
            stored = store_file(spooled.path, facts, rule, store, pool)
            spooled.remove()
            assert isinstance(stored, Stored)
            commit(stored)
            row = catalogue.see("photos", name, Signature(facts.size, facts.mtime_ns), facts.mode)
            columns = columns_of(
                stored.provenance,
                stored_path=store.relative(stored.target),
                stored_size=stored.size,
                stored_sha256=stored.sha256,
            )
            row = catalogue.update(row, **columns)
            steps = (State.seen, State.stable, State.claimed, State.verified, State.committed)
            for _, state in pairwise(steps):
                row = catalogue.advance(row, state, **columns)
            rows.append(row)
    yield rows


def test_a_whole_store_has_nothing_wrong(watch: Run, config: Path, entries: list[Entry]) -> None:
    code, out, _ = watch("check", "--config", config, "--read-data", "--device", "cpu")
    assert code == 0
    assert out.startswith("4 files checked, 4 restored, chosen by ")
    assert out.endswith(": nothing wrong\n")


def test_damage_is_told_line_by_line_and_by_the_exit_code(
    watch: Run, config: Path, store: Store, entries: list[Entry]
) -> None:
    store.stored(entries[1].stored_path or b"").unlink()
    strange = store.stored(entries[3].stored_path or b"")
    strange.write_bytes(strange.read_bytes()[:-1])
    code, out, err = watch("check", "--config", config)
    assert code == FindingsError.exit_code
    missing, damaged, summary = out.splitlines()
    assert missing.startswith("missing: ")
    assert damaged.startswith("damaged: ")
    assert summary == "4 files checked: 1 damaged, 1 missing"
    assert "1 damaged, 1 missing" in err


def test_a_script_gets_one_document(
    watch: Run, config: Path, store: Store, entries: list[Entry]
) -> None:
    store.stored(entries[3].stored_path or b"").unlink()
    words = ("check", "--config", config, "--json", "--read-data", "--sample", "25%")
    code, out, _ = watch(*words, "--seed", "monday", "--device", "cpu")
    document = json.loads(out)
    (finding,) = document["findings"]
    assert code == FindingsError.exit_code
    assert (document["files"], document["restored"]) == (4, 1)
    assert (document["sample"], document["seed"]) == (0.25, "monday")
    assert (finding["problem"], finding["root"], finding["version"]) == ("missing", "photos", 1)
    assert finding["original"] == "c\n\udcff.bmp"


@pytest.mark.parametrize("share", ["110%", "-1%", "many", "", "2", "nan"])
def test_a_sample_that_is_no_share_is_refused(
    share: str, watch: Run, config: Path, entries: list[Entry]
) -> None:
    code, _, err = watch("check", "--config", config, f"--sample={share}")
    assert code == UsageError.exit_code
    assert "5%" in err


def test_a_store_whose_disk_is_not_there_is_an_error(
    watch: Run, config: Path, store: Store
) -> None:
    store.path.rename(store.path.with_name("elsewhere"))
    store.path.mkdir()
    code, _, err = watch("check", "--config", config)
    assert code == StoreError.exit_code
    assert "is its disk mounted?" in err
