"""A watcher that is killed loses nothing: at every durable step, and at random moments."""

from __future__ import annotations

import io
import signal
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from irrm_core.archive.catalogue import State
from irrm_watcher import failpoints
from irrm_watcher.testing import Ground, pictures, violations
from irrm_watcher.testing.ground import entries_of
from irrm_watcher.testing.soak import soak

LR = ("lr-written", "judged", "measured")
MOVE = ("before-hash", "after-hash")
RECHECK = ("before-recheck", "after-recheck")
# Of files that are stored byte for byte: no model is loaded.
EXACT = tuple(name for name in failpoints.WORKER if name not in {*LR, *MOVE, *RECHECK})
# In copy mode no original is touched, and these are not there.
REPLACING = (
    *MOVE,
    *RECHECK,
    *failpoints.LEAVING,
    *failpoints.QUARANTINE,
    *failpoints.PURGE,
    *failpoints.RETURN,
)
COPYING = (*EXACT, *LR, *failpoints.ARCHIVING, *failpoints.RECOVERY)

ONLY_EXACT = 'classes = ["exact", "kept"]'


def text(number: int) -> bytes:
    return b"line %d of a file that is stored byte for byte\n" % number * 50


def picture(number: int) -> bytes:
    """Return a picture that is stored as an LR file: noise does not compress."""
    from PIL import Image

    noise = np.random.default_rng(number).integers(90, 160, (96, 128, 3), dtype=np.uint8)
    stream = io.BytesIO()
    Image.fromarray(noise).save(stream, "TIFF")
    return stream.getvalue()


def kill(ground: Ground, verb: str, failpoint: str, *words: str) -> None:
    """Let a command run into a failpoint, which it must reach."""
    ended = ground.run(verb, *words, failpoint=failpoint, check=False)
    assert ended.returncode == -signal.SIGKILL, (failpoint, ended.returncode, ended.stderr)


def states(ground: Ground) -> set[State]:
    return {entry.state for entry in entries_of(ground.catalogue)}


def test_no_failpoint_is_forgotten_here() -> None:
    assert sorted((*COPYING, *REPLACING)) == sorted(failpoints.NAMES)


@pytest.mark.parametrize("mode", ["copy", "replace"])
@pytest.mark.parametrize("names", [EXACT, failpoints.ARCHIVING], ids=["worker", "archiving"])
def test_killed_while_a_file_is_archived(tmp_path: Path, mode: str, names: tuple[str, ...]) -> None:
    ground = Ground(tmp_path / "ground", mode=mode, rule=ONLY_EXACT)
    for number, name in enumerate(names):
        ground.put(f"{number}/file.txt".encode(), text(number))
        kill(ground, "once", name)
    ground.settle()
    assert violations(ground) == []
    assert states(ground) == {State.committed if mode == "copy" else State.quarantined}


@pytest.mark.parametrize("mode", ["copy", "replace"])
def test_killed_while_a_picture_becomes_small(
    tmp_path: Path, mode: str, model_folder: Path
) -> None:
    leave, names = ("nothing", LR) if mode == "copy" else ("lr", (*LR, *failpoints.LEAVING))
    models = {"IRRM_MODEL_DIR": str(model_folder)}
    ground = Ground(tmp_path / "ground", mode=mode, leave=leave, environment=models)
    for number, name in enumerate(names):
        ground.put(f"{number}.tif".encode(), picture(number))
        kill(ground, "once", name)
    ground.settle()
    assert violations(ground) == []
    stored = [entry.storage for entry in entries_of(ground.catalogue) if entry.archived]
    assert stored == ["lr"] * len(names)
    copies = sorted(path.name for path in ground.root.glob("*.irrm.*"))
    assert len(copies) == (len(names) if leave == "lr" else 0)


@pytest.mark.parametrize("mode", ["copy", "replace"])
def test_killed_while_it_recovers(tmp_path: Path, mode: str) -> None:
    ground = Ground(tmp_path / "ground", mode=mode, rule=ONLY_EXACT)
    before = ("after-spool", "after-verified", "after-rename")
    for number, (first, name) in enumerate(zip(before, failpoints.RECOVERY, strict=True)):
        ground.put(b"%d.txt" % number, text(number))
        kill(ground, "once", first)
        kill(ground, "once", name)
    ground.settle()
    assert violations(ground) == []


def test_killed_while_an_original_goes_into_quarantine(tmp_path: Path) -> None:
    ground = Ground(tmp_path / "ground", mode="replace", rule=ONLY_EXACT)
    for number, name in enumerate(failpoints.QUARANTINE):
        ground.put(b"%d.txt" % number, text(number))
        kill(ground, "once", name)
    for number, name in enumerate(MOVE, start=100):
        # It was committed and not moved: before it goes, it is read once more.
        ground.put(b"%d.txt" % number, text(number))
        kill(ground, "once", "after-committed")
        kill(ground, "once", name)
    ground.settle()
    assert violations(ground) == []
    assert states(ground) == {State.quarantined}


def test_killed_while_an_original_is_purged(tmp_path: Path) -> None:
    ground = Ground(tmp_path / "ground", mode="replace", quarantine="0s", rule=ONLY_EXACT)
    for number, name in enumerate((*RECHECK, *failpoints.PURGE)):
        ground.put(b"%d.txt" % number, text(number))
        kill(ground, "once", "after-quarantined")
        kill(ground, "once", name)
    ground.settle()
    # On a slow machine the last original comes into quarantine only now, and is due afterwards.
    ground.settle()
    assert violations(ground) == []
    assert states(ground) == {State.purged}


def test_killed_while_an_original_returns_from_quarantine(tmp_path: Path) -> None:
    ground = Ground(tmp_path / "ground", mode="replace", rule=ONLY_EXACT)
    for number, name in enumerate(failpoints.RETURN):
        ground.put(b"%d.txt" % number, text(number))
        ground.settle()
        kill(ground, "quarantine restore", name, "--all")
    ground.settle()
    ground.run("quarantine restore", "--all")
    ground.settle()
    assert violations(ground) == []
    assert states(ground) == {State.committed}
    for number in range(len(failpoints.RETURN)):
        assert ground.path(b"%d.txt" % number).read_bytes() == text(number)


@pytest.mark.parametrize("mode", ["copy", "replace"])
def test_a_worker_that_dies_at_every_second_file_costs_none(tmp_path: Path, mode: str) -> None:
    ground = Ground(tmp_path / "ground", mode=mode, rule=ONLY_EXACT)
    for number in range(5):
        ground.put(b"%d.txt" % number, text(number))
    ground.run("once", failpoint="after-spool:2:alone")
    assert states(ground) == {State.committed if mode == "copy" else State.quarantined}
    assert violations(ground) == []


@pytest.mark.parametrize("mode", ["copy", "replace"])
def test_killed_at_random_moments(tmp_path: Path, mode: str, model_folder: Path) -> None:
    models = {"IRRM_MODEL_DIR": str(model_folder)}
    ground = Ground(tmp_path / "ground", mode=mode, environment=models)
    for number, (suffix, content) in enumerate(islice(pictures(seed=1), 5)):
        ground.put(f"first {number}{suffix}".encode(), content)
    result = soak(ground, pictures(seed=2), kills=10, seed=3, longest=2.0)
    assert result.broken == []
    assert result.kills == 10
