"""The parts of the benchmark, each in a place of its own."""

from __future__ import annotations

import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.watching.ground import SMALL_ONLY, Ground, rises_to, wait_for
from benchmarks.watching.pictures import write_pictures
from benchmarks.watching.processes import family, processor_seconds, resident, timed
from benchmarks.watching.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Iterator

STATUS_SECONDS = 0.5
IDLE_PERCENT = 1.0
IDLE_MEGABYTES = 120.0
SLOWER = 15.0  # per cent

_FEW = 10  # pictures that are the idle daemon's work
_BUSY = 40  # pictures that keep the daemon busy during the burst

# One process for both, as a person would who archives by hand.
_BY_HAND = """\
import sys
from irrm_core.cli.app import main
pictures, small, back, *options = sys.argv[1:]
code = main(["downscale", pictures, small, "--scale", "2", "--no-measure", *options])
sys.exit(code or main(["restore", small, back, *options]))
"""


@dataclass(frozen=True)
class Extent:
    """How much is measured.

    Attributes
    ----------
    pictures : Path or None
        Folder of images to archive; without one they are made up.
    count : int
        How many of them, for the throughput.
    files : int
        Entries of the catalogue, and small files of the burst.
    rest : float
        Seconds over which an idle daemon is watched.
    """

    pictures: Path | None
    count: int = 200
    files: int = 10_000
    rest: float = 60.0


def status(ground: Ground, extent: Extent) -> Iterator[Reading]:
    """How long `status` takes on a full catalogue."""
    from irrm_core.archive.store import Store
    from irrm_watcher.catalogue import CatalogueWriter
    from irrm_watcher.testing.filling import fill

    ground.configure()
    Store.create(ground.store)
    with CatalogueWriter.open(ground.catalogue) as writer:
        fill(writer, extent.files, root="incoming")
    took = [timed(ground.command("status"), ground.environment) for _ in range(5)]
    what, wall = f"status of {extent.files} entries, median of 5", [each.wall for each in took]
    yield Reading("status", what, statistics.median(wall), "s", STATUS_SECONDS)
    yield Reading("status", "processor time of that", min(each.cpu for each in took), "s")


def idle(ground: Ground, extent: Extent) -> Iterator[Reading]:
    """How much an idle daemon takes, before its first work and after its last."""
    ground.configure(SMALL_ONLY)
    with ground.daemon() as pid:
        time.sleep(3)
        yield from _at_rest(pid, "before the first work", extent.rest)
        write_pictures(extent.pictures, ground.root, _FEW)
        wait_for(lambda: ground.archived() == _FEW, 300, f"{_FEW} pictures archived")
        yield Reading("idle", "main process, most until now", resident([pid], most=True), "MB")
        wait_for(lambda: len(family(pid)) <= 2, 60, "workers retired")
        time.sleep(3)
        yield from _at_rest(pid, "after the last work", extent.rest)


def _at_rest(pid: int, when: str, seconds: float) -> Iterator[Reading]:
    before, began = processor_seconds(family(pid)), time.perf_counter()
    time.sleep(seconds)
    spent = processor_seconds(family(pid)) - before
    share = 100 * spent / (time.perf_counter() - began)
    yield Reading("idle", f"processor {when}", share, "%", IDLE_PERCENT)
    yield Reading("idle", f"main process {when}", resident([pid]), "MB", IDLE_MEGABYTES)
    yield Reading("idle", f"all processes {when}", resident(family(pid)), "MB", IDLE_MEGABYTES)


def throughput(ground: Ground, extent: Extent) -> Iterator[Reading]:
    """How much longer the watcher takes than `irrm downscale` and `irrm restore`."""
    ground.configure(SMALL_ONLY)
    write_pictures(extent.pictures, ground.root, extent.count)
    places = [str(ground.place / name) for name in ("small", "back")]
    options = ["--threads", str(ground.threads), "--device", "cpu", "--quiet"]
    command = [sys.executable, "-c", _BY_HAND, str(ground.root), *places, *options]
    by_hand = timed(command, ground.environment)
    watched = timed([*ground.command("once"), "--quiet"], ground.environment)
    if (archived := ground.archived()) != extent.count:
        raise RuntimeError(f"{archived} of {extent.count} pictures were archived as LR files")
    part = "throughput"
    by = f"downscale --no-measure and restore, {extent.count} pictures"
    yield Reading(part, by, by_hand.wall, "s")
    yield Reading(part, "once", watched.wall, "s")
    longer, more = watched.wall / by_hand.wall - 1, watched.cpu / by_hand.cpu - 1
    yield Reading(part, "once takes longer by", 100 * longer, "%", SLOWER)
    # Workers are nice, and lose by the clock on a busy machine; this tells more there.
    yield Reading(part, "once takes more processor time by", 100 * more, "%")


def burst(ground: Ground, extent: Extent) -> Iterator[Reading]:
    """How many of many small files a busy daemon misses when only events tell it of them."""
    ground.configure(SMALL_ONLY, delay="1s", workers=2)
    with ground.daemon() as pid:
        write_pictures(extent.pictures, ground.root, _BUSY)
        wait_for(lambda: ground.archived() > 0, 120, "the daemon is busy")
        began = time.perf_counter()
        for number in range(extent.files):
            # Half of them in folders that are new themselves.
            folder = ground.root / (f"part-{number % 50:02d}" if number % 2 else ".")
            folder.mkdir(exist_ok=True)
            (folder / f"note-{number:05d}.txt").write_text(f"measurement {number}\n" * 10)
        yield Reading("burst", f"{extent.files} files written in", time.perf_counter() - began, "s")
        rises_to(lambda: ground.summary().files, extent.files + _BUSY, patience=30)
        yield Reading("burst", "all known after", time.perf_counter() - began, "s")
        yield Reading("burst", "missed", len(ground.unknown()), "files", 0)
        wait_for(lambda: not ground.summary().backlog, 600, "all files archived or kept")
        yield Reading("burst", "all archived or kept after", time.perf_counter() - began, "s")
        yield Reading("burst", "main process, at most", resident([pid], most=True), "MB")


PARTS = {part.__name__: part for part in (status, idle, throughput, burst)}
