"""``python -m benchmarks.watcher``: what the folder watcher promises, checked on this machine.

Linux only. On a busy machine the figures mean little; how busy it was is printed with them.
Ends with 0 whether goals are met or missed; only what cannot be measured is an error.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.watching.ground import Ground
from benchmarks.watching.parts import PARTS, Extent

from irrm_core.cli.console import write, write_json, write_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.watching.reading import Reading

PICTURES = Path(__file__).resolve().parents[2] / "shared" / "data" / "bench"


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    extent = Extent(options.pictures, options.count, options.files, options.rest)
    loads = [os.getloadavg()[0]]
    readings: list[Reading] = []
    errors: list[str] = []
    for name in options.only or PARTS:
        print(f"measuring {name} ...", file=sys.stderr)
        try:
            with tempfile.TemporaryDirectory(prefix="irrm-bench-", dir=options.place) as place:
                ground = Ground(Path(place), options.threads)
                readings += PARTS[name](ground, extent)
        except (OSError, RuntimeError) as error:
            errors.append(f"{name}: {error}")
        loads.append(os.getloadavg()[0])
    machine = {
        "cores": os.cpu_count(),
        "threads": options.threads,
        "pictures": "made up" if options.pictures is None else options.pictures.name,
        "load_before": loads[0],
        "load_after": loads[1:],
    }
    if options.json:
        write_json({"machine": machine, "readings": [r.to_json() for r in readings]})
    else:
        _print(readings, machine)
    for line in errors:
        print(line, file=sys.stderr)
    return 1 if errors else 0


def _print(readings: Sequence[Reading], machine: dict[str, Any]) -> None:
    write_table(("part", "what", "measured", "goal", ""), (r.cells() for r in readings))
    loads = ", ".join(f"{load:.1f}" for load in machine["load_after"])
    write(
        f"{machine['cores']} cores, {machine['threads']} thread(s) for each worker, pictures: "
        f"{machine['pictures']}; load average "
        f"{machine['load_before']:.1f} before, {loads} after each part"
    )
    goals = [reading.verdict for reading in readings if reading.verdict]
    write(f"{goals.count('met')} of {len(goals)} goals met")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.watcher", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument(
        "--only", action="append", choices=list(PARTS), help="this part; may be given repeatedly"
    )
    parser.add_argument(
        "--pictures",
        type=Path,
        default=PICTURES if PICTURES.is_dir() else None,
        metavar="DIR",
        help="images to be archived; made up if there are none",
    )
    parser.add_argument("--count", type=int, default=200, help="how many, for the throughput")
    parser.add_argument("--files", type=int, default=10_000, help="known ones, and in the burst")
    parser.add_argument("--rest", type=float, default=60, help="seconds of watching it idle")
    parser.add_argument("--threads", type=int, default=1, help="of each process that computes")
    parser.add_argument(
        "--place", type=Path, metavar="DIR", help="where to work: the disk to be measured"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
