"""``python -m benchmarks.watch``: what the watcher promises, checked on this machine.

How fast `status` answers over a large catalogue, what the daemon takes while it has nothing to
do, and how much longer it needs for a folder than `irrm downscale` and `irrm restore`. On a busy
machine the figures mean little. Ends with 1 where a promise is not kept.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from irrm_core.archive.store import Store
from irrm_watcher.catalogue import CatalogueWriter
from irrm_watcher.config import load_config
from irrm_watcher.testing.filling import fill

ROOT = Path(__file__).resolve().parents[1]
SOURCES = (ROOT.parent / "shared" / "data" / "train", ROOT / "examples" / "photos")
ENTRIES, STATUS_SECONDS = 10_000, 0.5
IDLE_SHARE, IDLE_BYTES = 0.01, 120e6
MORE_TIME = 1.15
SIDE = 512

CONFIG = """
store = "store"
[daemon]
workers = 1
threads = {threads}
idle = "3s"
reserve = 0
[[folder]]
name = "incoming"
path = "incoming"
delay = 0
# Every file as an LR picture, as `irrm downscale` makes it of every file.
classes = ["lr", "kept"]
scale = 2
model = "irrm-fast-x2"
floors = {{ psnr = 0, ssim = 0 }}
"""


@dataclass(frozen=True)
class Figure:
    """Something measured, and what was promised of it."""

    what: str
    measured: float
    promised: float
    unit: str

    @property
    def kept(self) -> bool:
        """Whether the promise is."""
        return self.measured <= self.promised

    def __str__(self) -> str:
        verdict = "kept" if self.kept else "NOT KEPT"
        return (
            f"{self.what}: {self.measured:.3g} {self.unit} (at most {self.promised:g}: {verdict})"
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--files", type=int, default=200, help="pictures for the throughput")
    parser.add_argument("--seconds", type=float, default=30, help="for which idling is watched")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    asked = parser.parse_args()
    figures = []
    for measure in (
        lambda place: status_of_many(place),
        lambda place: idling(place, asked.threads, asked.seconds),
        lambda place: throughput(place, asked.threads, asked.files),
    ):
        with tempfile.TemporaryDirectory(prefix="irrm-bench-") as folder:
            for figure in measure(Path(folder)):
                figures.append(figure)
                print(figure, flush=True)
    return 0 if all(figure.kept for figure in figures) else 1


def status_of_many(place: Path) -> Iterator[Figure]:
    """Measure the whole command, from its start to its end."""
    config = _configured(place, 1)
    settings = load_config(config)
    store = Store.create(settings.store)
    with CatalogueWriter.open(settings.catalogue, store=store.path) as writer:
        fill(writer, ENTRIES, root="incoming")
    seconds = min(_timed(lambda: _call("status", config, "--json")) for _ in range(5))
    yield Figure(f"status of {ENTRIES} entries, best of 5", seconds, STATUS_SECONDS, "s")


def idling(place: Path, threads: int, seconds: float) -> Iterator[Figure]:
    """Watch a daemon before its first work and after its last, with all its processes."""
    config = _configured(place, threads)
    with _daemon(config) as pid:
        yield from _idle(pid, "idle before the first work", seconds)
        _pictures(place / "incoming", 3)
        _until(lambda: _status(config)["states"]["committed"] == 3)
        _until(lambda: len(_tree(pid)) <= 2)  # the daemon, and multiprocessing's own tracker
        yield from _idle(pid, "idle after the last work", seconds)


def throughput(place: Path, threads: int, files: int) -> Iterator[Figure]:
    """Compare the watcher with the two verbs in one process, over the same pictures."""
    config = _configured(place, threads)
    _pictures(place / "incoming", files)
    verbs = (
        "from irrm_core.cli import main; import sys; i, s, b, t = sys.argv[1:]; "
        "code = main(['downscale', i, s, '--model', 'irrm-fast-x2', '--threads', t, '-q']) "
        "or main(['restore', s, b, '--threads', t, '-q']); sys.exit(code)"
    )
    folders = [str(place / name) for name in ("incoming", "small", "back")]
    one = _timed(lambda: _run([sys.executable, "-c", verbs, *folders, str(threads)]))
    two = _timed(lambda: _call("once", config, "--quiet"))
    stored = _status(config)["states"]["committed"]
    print(f"{stored} of {files} pictures: verbs {one:.1f} s, watcher {two:.1f} s")
    yield Figure(f"time of {files} pictures, watcher to verbs", two / one, MORE_TIME, "times")


def _pictures(folder: Path, count: int) -> None:
    """Cut real photographs into pictures of one size."""
    source = next(each for each in SOURCES if each.is_dir())
    photos = sorted(path for path in source.iterdir() if path.suffix in (".png", ".webp"))
    made = 0
    for turn in range(count):
        for photo in photos:
            with Image.open(photo) as image:
                across, down = image.width // SIDE, image.height // SIDE
                if turn >= across * down:
                    continue
                left, top = turn % across * SIDE, turn // across * SIDE
                image.convert("RGB").crop((left, top, left + SIDE, top + SIDE)).save(
                    folder / f"{photo.stem}-{turn}.png"
                )
            made += 1
            if made == count:
                return


@contextmanager
def _daemon(config: Path) -> Iterator[int]:
    running = subprocess.Popen(
        [sys.executable, "-m", "irrm_watcher", "run", "--config", str(config)],
        stderr=subprocess.DEVNULL,
    )
    try:
        _until(lambda: _status(config)["daemon"]["running"])
        yield running.pid
    finally:
        running.terminate()
        running.wait()


def _idle(pid: int, when: str, seconds: float) -> Iterator[Figure]:
    time.sleep(2)
    before, began = _processor_seconds(pid), time.monotonic()
    time.sleep(seconds)
    share = (_processor_seconds(pid) - before) / (time.monotonic() - began)
    yield Figure(f"{when}, processor", 100 * share, 100 * IDLE_SHARE, "%")
    yield Figure(f"{when}, memory", _memory(pid) / 1e6, IDLE_BYTES / 1e6, "MB")


def _tree(pid: int) -> list[int]:
    """Return a process and all below it."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(below for child in children for below in _tree(int(child)))]


def _processor_seconds(pid: int) -> float:
    ticks = 0
    for each in _tree(pid):
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _memory(pid: int) -> float:
    pages = sum(int(Path(f"/proc/{each}/statm").read_text().split()[1]) for each in _tree(pid))
    return float(pages * os.sysconf("SC_PAGE_SIZE"))


def _configured(place: Path, threads: int) -> Path:
    (place / "incoming").mkdir()
    config = place / "watch.toml"
    config.write_text(CONFIG.format(threads=threads))
    return config


def _status(config: Path) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = json.loads(_call("status", config, "--json"))
    return found


def _call(verb: str, config: Path, *words: str) -> str:
    return _run([sys.executable, "-m", "irrm_watcher", verb, "--config", str(config), *words])


def _run(command: list[str]) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _until(met: Callable[[], bool], patience: float = 600.0) -> None:
    end = time.monotonic() + patience
    while not met():
        if time.monotonic() > end:
            raise TimeoutError("the daemon did not come to rest")
        time.sleep(0.5)


if __name__ == "__main__":
    sys.exit(main())
