"""Kill a watcher at random moments and look what is lost: ``python -m irrm_watcher.testing.soak``.

Pictures are dropped into a watched folder, changed, renamed, deleted and restored while the
daemon is killed with SIGKILL again and again: the daemon alone, a worker first, or all at once;
half of the times at any moment, half of the times just after a file has come to a state that
does not last. Then the watcher may settle, and the law is asked. What is printed in the end:
how often it was killed, what the kills caught, and every violation.
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
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from irrm_watcher.testing.feed import photographs
from irrm_watcher.testing.ground import Ground
from irrm_watcher.testing.pictures import pictures
from irrm_watcher.testing.violations import violations

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator, Sequence

    from irrm_core.archive.catalogue import Catalogue

KILLS_A_GROUND = 25
"""Kills before the law is asked and a new ground is taken."""

GROUNDS: tuple[dict[str, Any], ...] = (
    {"mode": "copy"},
    {"mode": "replace", "leave": "lr"},
    {"mode": "copy"},
    {"mode": "replace", "quarantine": "1s"},
)
"""Configurations, taken in turn; in the last one originals are purged all the time."""


@dataclass
class Soaked:
    """What came of it.

    Attributes
    ----------
    kills, files : int
        How many there were.
    caught : Counter
        How many kills caught a file in each state on its way, a copy in the spool, an archive
        file half written; one may catch several.
    broken : list of str
        Violations of the law.
    """

    kills: int = 0
    files: int = 0
    caught: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    def add(self, other: Soaked) -> None:
        """Count another one in."""
        self.kills += other.kills
        self.files += other.files
        self.caught += other.caught
        self.broken += other.broken


def soak(
    ground: Ground,
    contents: Iterator[tuple[str, bytes]],
    kills: int,
    *,
    seed: int = 0,
    longest: float = 8.0,
    pause: float = 0.5,
) -> Soaked:
    """Kill the watcher of a ground at random moments, let it settle, and ask the law.

    Parameters
    ----------
    ground : Ground
        To be harmed.
    contents : iterator of (str, bytes)
        Suffix and content of the files to drop in.
    kills : int
        How often.
    seed : int
        Of what is done and when. The moments depend on the machine all the same.
    longest : float
        Seconds that the watcher lives at most, or waits for the state that a kill is meant for.
    pause : float
        Seconds between two things that the person does, on average.
    """
    chance = random.Random(seed)
    result = Soaked()
    for _ in range(kills):
        running = [ground.start("run")]
        with _Arrival(ground, chance) if chance.random() < 0.5 else nullcontext() as arrival:
            # One who waits for something is patient; else any moment will do.
            end = time.monotonic() + (chance.uniform(0.05, longest) if arrival is None else longest)
            act_at = 0.0
            while time.monotonic() < end and not (arrival is not None and arrival.is_there()):
                if time.monotonic() >= act_at:
                    _meddle(ground, contents, chance, result, running)
                    act_at = time.monotonic() + chance.expovariate(1 / pause)
                time.sleep(0.0005)
            _kill(running, chance, worker_first=arrival is None)
        result.kills += 1
        result.caught.update(_on_the_way(ground))
    ground.settle()
    result.broken = violations(ground)
    return result


class _Arrival:
    """Tells when one more file is in a state, chosen at random, than was before."""

    def __init__(self, ground: Ground, chance: random.Random) -> None:
        from irrm_core.archive.catalogue import State

        states = [State.claimed, State.verified, State.committed]
        if ground.mode == "replace":
            states += [State.quarantined, State.purged]
        self._wanted = chance.choice(states)
        self._path = ground.catalogue
        self._catalogue: Catalogue | None = None
        self._before = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._catalogue is not None:
            self._catalogue.close()

    def is_there(self) -> bool:
        """Return whether one has come since the first time that this was asked."""
        from irrm_core.archive.catalogue import Catalogue
        from irrm_core.errors import CatalogueError

        with suppress(CatalogueError):
            if self._catalogue is None:
                self._catalogue = Catalogue.open(self._path)
                self._before = self._count(self._catalogue)
            return self._count(self._catalogue) > self._before
        return False

    def _count(self, catalogue: Catalogue) -> int:
        return catalogue.summary().states.get(self._wanted, 0)


def _meddle(
    ground: Ground,
    contents: Iterator[tuple[str, bytes]],
    chance: random.Random,
    result: Soaked,
    running: list[subprocess.Popen[bytes]],
) -> None:
    """Do what a person does: mostly add a file, at times something with one that is there."""
    names = sorted(ground.ledger.standing)
    acts = {"add": 12, "change": 4, "rename": 2, "delete": 2, "touch": 2, "restore": 1}
    act = chance.choices(list(acts), list(acts.values()))[0]
    if act == "add" or not names:
        act, names = "add", []
    if act in ("add", "change"):
        for suffix, content in islice(contents, 1):
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
        elif act == "restore":
            running.append(ground.start("restore", ground.path(name)))
        else:
            ground.path(name).touch()


def _kill(
    running: list[subprocess.Popen[bytes]], chance: random.Random, *, worker_first: bool
) -> None:
    """Kill the daemon alone or with its workers, at times a worker first; and what restores."""
    daemon = running[0]
    if worker_first and chance.random() < 0.4:
        for worker in _children(daemon.pid)[-1:]:
            _end(worker)
        time.sleep(chance.uniform(0, 0.2))
    daemon.send_signal(signal.SIGSTOP)  # nothing goes on while we look
    workers = _children(daemon.pid)
    daemon.kill()
    if chance.random() < 0.5:
        for worker in workers:
            _end(worker)
    for process in running:
        process.kill()
        process.wait()


def _end(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _children(pid: int) -> list[int]:
    with suppress(OSError):
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
        return [int(word) for word in listed.split()]
    return []


def _on_the_way(ground: Ground) -> set[str]:
    """Return what the last kill caught, in words."""
    from irrm_core.archive.catalogue import UNFINISHED, State

    found = {entry.state.value for entry in ground.entries if entry.state in UNFINISHED}
    if any(entry.state is State.stable for entry in ground.entries):
        found.add("waiting")
    for entry in ground.entries:
        place = entry.quarantine_path and ground.path(entry.quarantine_path)
        if entry.state is State.committed and ground.mode == "replace" and entry.present:
            found.add("committed" if place is None else "on the way to quarantine")
        elif entry.state is State.quarantined and place and not place.exists():
            found.add("deleted and not yet purged")
    if ground.store.is_dir():
        if any((ground.store / "spool").glob("*")):
            found.add("copy in the spool")
        if any((ground.store / "files").rglob("*.part")):
            found.add("archive file half written")
    return found or {"nothing on its way"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Soak a watcher in both modes and print what came of it; 1 if the law was broken."""
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="in all, half of them in each mode")
    parser.add_argument("--pictures", type=Path, help="folder of real pictures; else made-up ones")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    total: dict[str, Soaked] = {ground["mode"]: Soaked() for ground in GROUNDS}
    began, number = time.monotonic(), 0
    while (left := options.kills - sum(soaked.kills for soaked in total.values())) > 0:
        keys, seed = GROUNDS[number % len(GROUNDS)], options.seed + number
        number += 1
        contents = (
            pictures(seed) if options.pictures is None else photographs(options.pictures, seed)
        )
        place = tempfile.TemporaryDirectory(prefix="irrm-soak-")
        ground = Ground(Path(place.name) / "ground", **keys)
        share = min(left, KILLS_A_GROUND, max(1, options.kills // 2))
        result = soak(ground, contents, share, seed=seed)
        total[keys["mode"]].add(result)
        configured = ", ".join(f"{key} {value}" for key, value in keys.items())
        sys.stdout.write(f"{configured}: {_told(result)}\n")
        if result.broken:
            kept = tempfile.mkdtemp(prefix="irrm-soak-broken-")
            ground.place.rename(Path(kept) / "ground")
            sys.stdout.write(f"  it is kept in {kept}\n")
        sys.stdout.writelines(f"  {breach}\n" for breach in result.broken)
        sys.stdout.flush()
        place.cleanup()
    for mode, result in total.items():
        sys.stdout.write(f"in all, mode {mode}: {_told(result)}\n")
    sys.stdout.write(f"{time.monotonic() - began:.0f} s\n")
    return int(any(result.broken for result in total.values()))


def _told(result: Soaked) -> str:
    caught = ", ".join(f"{count} {what}" for what, count in result.caught.most_common())
    return (
        f"{result.kills} kills, {result.files} files written; kills caught: {caught or 'nothing'}; "
        f"{len(result.broken)} violations"
    )


if __name__ == "__main__":
    sys.exit(main())
