"""The daemon as a process: files that come slowly, all at once or damaged, and signals."""

from __future__ import annotations

import io
import os
import shutil
import signal
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from irrm_core.archive.catalogue import ARCHIVED, Entry, State
from irrm_watcher.testing import Ground, violations

EXACT = 'classes = ["exact", "kept"]'
TEXT = b"a line that is there again and again\n" * 100


def entry(ground: Ground, name: bytes) -> Entry | None:
    found = [entry for entry in ground.entries if entry.path == name]
    return found[-1] if found else None


def state(ground: Ground, name: bytes) -> str:
    found = entry(ground, name)
    return "" if found is None else found.state


def picture(side: int = 64, form: str = "PNG") -> bytes:
    noise = np.random.default_rng(side).integers(90, 160, (side, side, 3), dtype=np.uint8)
    stream = io.BytesIO()
    Image.fromarray(noise).save(stream, form)
    return stream.getvalue()


@pytest.mark.parametrize("holding", [True, False], ids=["held open", "closed between"])
def test_a_file_that_is_written_slowly_is_taken_once_and_whole(
    tmp_path: Path, holding: bool
) -> None:
    ground = Ground(tmp_path / "ground", delay="0.4s", rule=EXACT)
    path, parts = ground.path(b"slow.txt"), [TEXT + b"%d" % number for number in range(20)]
    with ground.daemon():
        stream = path.open("ab", buffering=0)
        for part in parts:
            stream.write(part)
            if not holding:
                stream.close()
                stream = path.open("ab", buffering=0)
            time.sleep(0.1)
        stream.close()
        ground.wait_until(lambda: state(ground, b"slow.txt") == State.committed)
        ground.wait_until(lambda: path.stat().st_size == entry(ground, b"slow.txt").size)
    ground.ledger.put(b"slow.txt", b"".join(parts), set())
    assert [(entry.version, entry.size) for entry in ground.entries] == [
        (1, sum(map(len, parts))),
    ]
    assert violations(ground) == []


@pytest.mark.parametrize(
    "files", [400, pytest.param(10_000, marks=pytest.mark.slow)], ids=["quick", "full"]
)
def test_none_of_a_burst_of_files_is_missed(tmp_path: Path, files: int) -> None:
    ground = Ground(tmp_path / "ground", rescan="1h", rule='classes = ["kept"]')
    with ground.daemon():
        ground.wait_until((ground.root / ".irrm-root.json").exists)
        for number in range(files):
            folder = ground.root / f"{number % 50}"
            folder.mkdir(exist_ok=True)
            (folder / f"{number}.txt").write_bytes(b"%d" % number)
        ground.wait_until(lambda: ground.count(State.kept) == files, patience=30.0 + files / 20)


DAMAGED: dict[bytes, bytes] = {
    b"truncated.png": picture()[:3000],
    b"flipped.png": bytes(byte ^ (0x40 if at == 2000 else 0) for at, byte in enumerate(picture())),
    b"wrong extension.jpg": picture(),
    b"text called.tif": TEXT,
    b"empty.png": b"",
    b"of one byte.tif": b"I",
    b"new\nline.txt": TEXT,
    b"not \xff\xfe text.txt": TEXT,
    b" ": TEXT,
    b"-rf": TEXT,
    b"a" * 251 + b".txt": TEXT,
    b"random.png": np.random.default_rng(1).bytes(5000),
}


def bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """Return a PNG of a few kilobytes that claims gigabytes of pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        sum_ = zlib.crc32(kind + data)
        return len(data).to_bytes(4, "big") + kind + data + sum_.to_bytes(4, "big")

    size = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes((8, 2, 0, 0, 0))
    pixels = zlib.compress(bytes(3_000_000), 9)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("mode", ["copy", "replace"])
def test_damaged_and_strange_files_end_with_a_reason_and_the_daemon_goes_on(
    tmp_path: Path, mode: str, model_folder: Path
) -> None:
    models = {"IRRM_MODEL_DIR": str(model_folder)}
    ground = Ground(tmp_path / "ground", mode=mode, environment=models)
    files = {**DAMAGED, b"bomb.png": bomb(), b"closed.txt": TEXT}
    for name, content in files.items():
        ground.put(name, content)
    ground.path(b"closed.txt").chmod(0)
    (ground.root / "dangling").symlink_to("nowhere")
    os.mkfifo(ground.root / "pipe.png")
    with ground.daemon():
        rest = {State.kept, State.failed, *ARCHIVED} - (
            {State.committed} if mode == "replace" else set()
        )
        ground.wait_until(
            lambda: sum(e.state in rest for e in ground.entries) == len(files), patience=120
        )
        ground.put(b"afterwards.txt", TEXT)
        ground.wait_until(lambda: state(ground, b"afterwards.txt") in ARCHIVED)
    for found in ground.entries:
        assert found.archived or found.reason, found
    assert {found.path for found in ground.entries} == {*files, b"afterwards.txt"}
    assert state(ground, b"empty.png") == State.kept
    if mode == "replace" and os.geteuid() == 0:
        assert state(ground, b"closed.txt") == State.quarantined
    ground.settle()
    assert violations(ground) == []


@pytest.mark.parametrize("mode", ["copy", "replace"])
def test_five_cycles_of_restore_into_the_watched_folder_change_nothing(
    tmp_path: Path, mode: str, model_folder: Path
) -> None:
    models = {"IRRM_MODEL_DIR": str(model_folder)}
    ground = Ground(tmp_path / "ground", mode=mode, environment=models)
    ground.put(b"small.tif", picture(96, "TIFF"))
    ground.put(b"small.png", picture(96))
    ground.put(b"notes.txt", TEXT)
    ground.settle()
    before = archive(ground)
    assert {entry.storage for entry in ground.entries if entry.archived} == {"lr", "exact"}
    for cycle in range(5):
        for found in ground.entries:
            if found.archived:
                ground.path(found.path).unlink(missing_ok=True)
        ground.run("restore", "--all")
        if cycle >= 2:
            # Under another name it is known by its hash, or by what is embedded in it.
            for name in (b"notes.txt", b"small.png"):
                shutil.copy(ground.path(name), ground.path(b"%d %s" % (cycle, name)))
        ground.settle()
        assert archive(ground) == before
    assert not any(found.archived and found.version > 1 for found in ground.entries)


def archive(ground: Ground) -> list[tuple[str, int, int]]:
    """Return every archive file, with its size and time."""
    paths = sorted(path for path in (ground.store / "files").rglob("*") if path.is_file())
    return [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in paths]


def test_the_daemon_ends_when_it_is_asked_to_and_leaves_nothing_half_done(
    tmp_path: Path,
) -> None:
    ground = Ground(tmp_path / "ground", rule=EXACT)
    for number in range(200):
        ground.put(b"%d.txt" % number, TEXT + b"%d" % number)
    with ground.daemon():
        ground.wait_until(lambda: ground.count(State.committed) > 0)
    assert ground.count(State.claimed) == 0
    assert not list((ground.store / "spool").iterdir())
    ground.settle()
    assert ground.count(State.committed) == 200
    assert violations(ground) == []


def test_a_configuration_is_read_again_at_sighup_and_a_wrong_one_is_said(tmp_path: Path) -> None:
    ground = Ground(tmp_path / "ground", rule=EXACT + '\nexclude = ["*.txt"]')
    good = ground.config.read_text()
    ground.put(b"file.txt", TEXT)
    ground.put(b"first.dat", TEXT)
    with ground.daemon() as daemon:
        ground.wait_until(lambda: state(ground, b"first.dat") == State.committed)
        assert state(ground, b"file.txt") == ""
        ground.config.write_text(good.replace("exclude", "exclud"))
        daemon.send_signal(signal.SIGHUP)
        ground.wait_until(lambda: "exclud" in ground.said())
        ground.config.write_text(good.replace("*.txt", "*.log"))
        daemon.send_signal(signal.SIGHUP)
        ground.wait_until(lambda: state(ground, b"file.txt") == State.committed)


def test_nothing_is_taken_up_while_the_pause_file_is_there(tmp_path: Path) -> None:
    ground = Ground(tmp_path / "ground", rule=EXACT)
    ground.store.mkdir()
    with ground.daemon():
        ground.wait_until(ground.catalogue.exists)
        (ground.store / "pause").touch()
        ground.put(b"file.txt", TEXT)
        ground.wait_until(lambda: "pause" in ground.said())
        ground.wait_until(lambda: state(ground, b"file.txt") == State.stable)
        (ground.store / "pause").unlink()
        ground.wait_until(lambda: state(ground, b"file.txt") == State.committed)


@pytest.mark.parametrize("how", ["empty", "gone"])
def test_a_folder_that_vanishes_is_never_one_with_everything_deleted(
    tmp_path: Path, how: str
) -> None:
    ground = Ground(tmp_path / "ground", rescan="0.3s", rule=EXACT)
    ground.put(b"archived.txt", TEXT)
    with ground.daemon():
        ground.wait_until(lambda: state(ground, b"archived.txt") == State.committed)
        ground.root.rename(tmp_path / "elsewhere")
        if how == "empty":
            ground.root.mkdir()
        words = "Nothing is concluded" if how == "empty" else "is its disk mounted?"
        ground.wait_until(lambda: words in ground.said())
        time.sleep(1)
        found = entry(ground, b"archived.txt")
        assert found is not None and found.present
        if how == "empty":
            assert list(ground.root.iterdir()) == []
            ground.root.rmdir()
        (tmp_path / "elsewhere").rename(ground.root)
        ground.put(b"new.txt", TEXT + b"new")
        ground.wait_until(lambda: state(ground, b"new.txt") == State.committed)
        found = entry(ground, b"archived.txt")
        assert found is not None and found.present and found.version == 1
    assert violations(ground) == []
