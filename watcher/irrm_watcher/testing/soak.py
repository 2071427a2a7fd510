"""Kill a watcher at random moments and look what is lost: ``python -m irrm_watcher.testing.soak``.

Real pictures are dropped into a watched folder, changed, renamed and deleted while the daemon is
killed with SIGKILL again and again, sometimes the daemon alone, sometimes a worker, sometimes
all at once. After every few kills it may settle, and the law is asked. The end prints how often
it was killed, in which states that caught files, and every violation.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from irrm_watcher.testing.ground import Ground, entries_of
from irrm_watcher.testing.pictures import pictures
from irrm_watcher.testing.violations import violations

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterable, Sequence

BETWEEN = 20
"""Kills between two looks at the law."""


@dataclass
class Soaked:
    """What came of it.

    Attributes
    ----------
    kills, files : int
        How many there were.
    caught : Counter
        State of every file that a kill found on its way.
    broken : list of str
        Violations of the law.
    """

    kills: int = 0
    files: int = 0
    caught: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)


def soak(
    ground: Ground,
    contents: Iterable[tuple[str, bytes]],
    kills: int,
    *,
    seed: int = 0,
    longest: float = 5.0,
) -> Soaked:
    """Kill the watcher of a ground at random moments.

    Parameters
    ----------
    ground : Ground
        Empty.
    contents : iterable of (str, bytes)
        Suffix and content of the files to drop in; an endless one, or as many as there are.
    kills : int
        How often.
    seed : int
        Of what is done and when. The moments depend on the machine all the same.
    longest : float
        Seconds that the watcher lives at most.
    """
    chance = random.Random(seed)
    supply = iter(contents)
    result = Soaked()
    while result.kills < kills and not result.broken:
        daemon = ground.start("run")
        end = time.monotonic() + chance.uniform(0.05, longest)
        while time.monotonic() < end:
            _meddle(ground, supply, chance, result)
            time.sleep(min(chance.expovariate(4), max(0.0, end - time.monotonic())))
        _kill(daemon, chance)
        result.kills += 1
        result.caught.update(_on_the_way(ground))
        if result.kills % BETWEEN == 0 or result.kills == kills:
            ground.settle()
            result.broken = violations(ground)
    return result


def _meddle(
    ground: Ground, supply: Iterable[tuple[str, bytes]], chance: random.Random, result: Soaked
) -> None:
    """Do what a person does: mostly add a file, at times change, rename or delete one."""
    names = sorted(ground.ledger.standing)
    act = chance.choices(("add", "change", "rename", "delete", "touch"), (6, 2, 1, 1, 1))[0]
    if act == "add" or not names:
        act, names = "add", []
    if act in ("add", "change"):
        for suffix, content in islice(supply, 1):
            name = f"{result.files % 7}/picture {result.files}{suffix}".encode()
            ground.put(chance.choice(names) if names else name, content)
            result.files += 1
        return
    name = chance.choice(names)
    # The watcher may take the file away at any moment.
    with suppress(FileNotFoundError):
        if act == "rename":
            ground.rename(name, name + b".renamed" + os.path.splitext(name)[1])  # noqa: PTH122
        elif act == "delete":
            ground.delete(name)
        else:
            ground.path(name).touch()


def _kill(daemon: subprocess.Popen[str], chance: random.Random) -> None:
    """Kill the daemon alone, with its workers, or a worker and then the daemon."""
    workers = _children(daemon.pid)
    how = chance.choice(("alone", "all", "worker"))
    if how == "worker" and workers:
        with suppress(ProcessLookupError):
            os.kill(chance.choice(workers), signal.SIGKILL)
        time.sleep(chance.uniform(0, 0.2))
    daemon.kill()
    if how == "all":
        for worker in workers:
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
    daemon.communicate()


def _children(pid: int) -> list[int]:
    with suppress(OSError):
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
        return [int(word) for word in listed.split()]
    return []


def _on_the_way(ground: Ground) -> list[str]:
    from irrm_core.archive.catalogue import State

    rest = {State.kept, State.failed, State.quarantined, State.purged}
    if ground.mode == "copy":
        rest.add(State.committed)
    entries = entries_of(ground.catalogue)
    return [entry.state.value for entry in entries if entry.state not in rest]


def _files(folder: Path, chance: random.Random) -> Iterable[tuple[str, bytes]]:
    """Give the files of a folder over and over, none twice the same: each later one is cropped."""
    import io

    from PIL import Image

    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    yield from ((path.suffix, path.read_bytes()) for path in paths)
    while True:
        path = chance.choice(paths)
        with suppress(OSError):
            image = Image.open(path).convert("RGB")
            left, top = (chance.randrange(max(1, side // 2)) for side in image.size)
            stream = io.BytesIO()
            part = image.crop((left, top, left + image.width // 2, top + image.height // 2))
            suffix, form = chance.choice(((".png", "PNG"), (".jpg", "JPEG"), (".tif", "TIFF")))
            part.save(stream, form)
            yield suffix, stream.getvalue()


def main(arguments: Sequence[str] | None = None) -> int:
    """Soak a watcher in both modes and print what came of it; 1 if the law was broken."""
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="in all, half of them in each mode")
    parser.add_argument("--pictures", type=Path, help="folder of real pictures; else made-up ones")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    broken = 0
    for mode in ("copy", "replace"):
        chance = random.Random(options.seed)
        contents = pictures() if options.pictures is None else _files(options.pictures, chance)
        with tempfile.TemporaryDirectory(prefix="irrm-soak-") as place:
            ground = Ground(Path(place), mode=mode, leave="lr" if mode == "replace" else "nothing")
            began = time.monotonic()
            result = soak(ground, contents, options.kills // 2, seed=options.seed)
        caught = ", ".join(f"{count} {state}" for state, count in result.caught.most_common())
        sys.stdout.write(
            f"mode {mode}: {result.kills} kills, {result.files} files written, "
            f"{time.monotonic() - began:.0f} s; kills caught: {caught or 'nothing'}; "
            f"{len(result.broken)} violations\n"
        )
        for breach in result.broken:
            sys.stdout.write(f"  {breach}\n")
        broken += len(result.broken)
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main())
