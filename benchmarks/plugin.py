"""``python -m benchmarks.plugin``: how the window answers while a job runs, and a large stack.

Linux only; needs a display, such as Xvfb. On a busy machine the figures mean little; how busy it
was is printed with them. Ends with 0 whether goals are met or missed.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import QEventLoop, Qt, QTimer
from qtpy.QtWidgets import QApplication

from irrm_core.cli.console import write, write_json, write_table
from napari_irrm.jobs import RoundtripWork, Session, Settings, Ticket, session_of

if TYPE_CHECKING:
    from napari import Viewer
    from napari.layers import Image

PERIOD = 10
GOAL_95, GOAL_MOST = 100.0, 300.0


@dataclass(frozen=True)
class Reading:
    """One figure."""

    what: str
    value: float
    unit: str
    goal: str = ""


class Heartbeat:
    """A timer in the event loop, and the milliseconds between its beats.

    Adding a layer is napari's own work and is left out: the gap in which it is added, and the
    next one, in which it is drawn first.
    """

    def __init__(self, viewer: Viewer) -> None:
        self.gaps: list[float] = []
        self.adding: list[float] = []
        self._last = time.perf_counter()
        self._added = 0
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(PERIOD)
        viewer.layers.events.inserted.connect(self._layer_added)

    def begin(self) -> None:
        """Forget the beats so far."""
        self.gaps, self.adding = [], []
        self._last = time.perf_counter()

    def _layer_added(self) -> None:
        self._added = 2

    def _beat(self) -> None:
        now = time.perf_counter()
        gap, self._last = 1000 * (now - self._last), now
        (self.adding if self._added else self.gaps).append(gap)
        self._added = max(self._added - 1, 0)

    def readings(self, during: str) -> list[Reading]:
        """Return what was counted."""
        gaps = np.array(self.gaps)
        return [
            Reading(f"{during}: gap, median", float(np.median(gaps)), "ms"),
            Reading(
                f"{during}: gap, 95 % are below",
                float(np.percentile(gaps, 95)),
                "ms",
                f"< {GOAL_95:.0f}",
            ),
            Reading(f"{during}: gap, longest", float(gaps.max()), "ms", f"< {GOAL_MOST:.0f}"),
            Reading(f"{during}: longest with a layer added", max(self.adding, default=0), "ms"),
            Reading(f"{during}: beats", len(gaps), ""),
        ]


class Ground:
    """A viewer with a layer, its jobs, and the waiting for them."""

    def __init__(self, viewer: Viewer, heartbeat: Heartbeat) -> None:
        self.viewer = viewer
        self.heartbeat = heartbeat
        self.session: Session = session_of(viewer)

    def start(self, layer: Image) -> Ticket:
        """Queue a round trip of a layer."""
        work = RoundtripWork(self.viewer, layer, Settings(device="cpu"))
        return self.session.queue.submit(work)

    def wait(self, condition: Callable[[], bool]) -> None:
        """Let events come until something is so; the heartbeat is one, many times a second."""
        while not condition():
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)


def simulated(planes: int, side: int, place: Path) -> Any:
    """Write a simulated stack, uint16, as a zarr array of one chunk a plane; return it."""
    import zarr

    stack = zarr.create_array(
        store=str(place / "stack.zarr"),
        shape=(planes, side, side),
        chunks=(1, side, side),
        dtype="uint16",
    )
    random = np.random.default_rng(3)
    blobs = random.uniform(0, side, (200, 2)), random.uniform(4, 30, 200)
    for number in range(planes):
        stack[number] = _plane(random, side, number / planes, *blobs)
    return stack


def _plane(
    random: np.random.Generator,
    side: int,
    depth: float,
    centres: NDArray[np.float64],
    widths: NDArray[np.float64],
) -> NDArray[np.uint16]:
    """Return blobs in and out of focus, with photon noise."""
    rows = np.arange(side)
    spread = widths * (1 + 2 * np.abs(depth - np.arange(len(widths)) / len(widths)))
    # A blob is the product of a profile along Y and one along X.
    y, x = (np.exp(-0.5 * ((rows - at[:, None]) / spread[:, None]) ** 2) for at in centres.T)
    plane: NDArray[np.uint16] = random.poisson(100 + 3000 * y.T @ x).astype(np.uint16)
    return plane


def first_job(ground: Ground, layer: Image) -> list[Reading]:
    """Measure during the first job of a session: torch and the model are loaded in it."""
    ground.heartbeat.begin()
    ticket = ground.start(layer)
    ground.wait(lambda: not ground.session.queue.tickets)
    _check(ticket)
    return ground.heartbeat.readings("first job")


def whole_stack(ground: Ground, layer: Image) -> list[Reading]:
    """Measure time, memory and heartbeat of a round trip with its comparison."""
    kept = len(ground.viewer.layers)
    _PEAK_RESET.write_text("5")
    before, start = _memory("VmRSS"), time.perf_counter()
    ground.heartbeat.begin()
    ticket = ground.start(layer)
    ground.wait(lambda: ticket.ended)
    seconds = time.perf_counter() - start
    ground.wait(lambda: not ground.session.queue.tickets)
    beats = ground.heartbeat.readings("stack")
    _check(ticket)
    made = sum(layer.data.nbytes for layer in list(ground.viewer.layers)[kept:])
    peak = _memory("VmHWM") - before
    return [
        Reading("stack: original", layer.data.nbytes / 1e6, "MB"),
        Reading("stack: round trip", seconds, "s"),
        Reading("stack: layers made (LR, restored, difference)", made / 1e6, "MB"),
        Reading("stack: most memory beyond the viewer's", peak / 1e6, "MB"),
        Reading("stack: of that beyond the layers", (peak - made) / 1e6, "MB"),
        *beats,
    ]


def cancel(ground: Ground, layer: Image) -> list[Reading]:
    """Measure how soon a cancelled job has ended, and the memory that it leaves."""
    kept, before = len(ground.viewer.layers), _memory("VmRSS")
    ticket = ground.start(layer)
    ground.wait(lambda: ticket.ended or ticket.done > 1)
    tile = (ticket.seconds_left or 0) / max(ticket.total - ticket.done, 1)
    start = time.perf_counter()
    ticket.cancel()
    ground.wait(lambda: ticket.ended)
    answered = time.perf_counter() - start
    gc.collect()
    return [
        Reading("cancel: answered in", answered, "s", "a tile"),
        Reading("cancel: a tile takes", tile, "s"),
        Reading("cancel: layers left", len(ground.viewer.layers) - kept, "", "0"),
        Reading("cancel: memory left", (_memory("VmRSS") - before) / 1e6, "MB"),
    ]


# Each with whether it wants the large layer.
PARTS = {
    "first-job": (first_job, False),
    "cancel": (cancel, True),
    "stack": (whole_stack, True),
}


def _check(ticket: Ticket) -> None:
    if ticket.state != "done":
        raise RuntimeError(f"{ticket.title}: {ticket.state} {ticket.error}")


_PEAK_RESET = Path("/proc/self/clear_refs")


def _memory(which: str) -> int:
    """Return the resident bytes of this process, now (VmRSS) or at most (VmHWM); Linux only."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{which}:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("this system does not tell how much memory is in use")


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    loads = [os.getloadavg()[0]]
    import napari

    viewer = napari.Viewer()
    viewer.window.resize(1200, 800)
    with tempfile.TemporaryDirectory(prefix="irrm-bench-") as place:
        print("writing the stack ...", file=sys.stderr)
        stack = simulated(options.planes, options.side, Path(place))
        large = viewer.add_image(stack, contrast_limits=(0, 6000), name="stack")
        small = viewer.add_image(np.asarray(stack[:2, :1024, :1024]), name="small")
        # Layers stay: under Xvfb, Mesa's software renderer crashes when napari removes many.
        ground = Ground(viewer, Heartbeat(viewer))
        ground.wait(_after(1))
        readings: list[Reading] = []
        for name in options.only or PARTS:
            measure, wants_large = PARTS[name]
            print(f"measuring {name} ...", file=sys.stderr)
            found = measure(ground, large if wants_large else small)
            loads.append(os.getloadavg()[0])
            readings += found
            if not options.json:
                _print(found)
    viewer.close()
    machine = {
        "cores": os.cpu_count(),
        "load": [round(load, 1) for load in loads],
        "napari": napari.__version__,
    }
    if options.json:
        write_json({"machine": machine, "readings": [asdict(reading) for reading in readings]})
    else:
        write(", ".join(f"{key} {value}" for key, value in machine.items()))
    return 0


def _print(readings: Sequence[Reading]) -> None:
    write_table(
        ("figure", "value", "", "goal"),
        [(r.what, f"{r.value:.1f}", r.unit, r.goal) for r in readings],
    )


def _after(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.plugin", description=__doc__)
    parser.add_argument("--planes", type=int, default=40, help="of the stack")
    parser.add_argument("--side", type=int, default=2048, help="of its planes, in pixels")
    parser.add_argument("--only", nargs="+", choices=PARTS, help="measure these alone")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
