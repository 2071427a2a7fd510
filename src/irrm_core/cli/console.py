"""What a person or a script sees: lines, tables, JSON, a progress bar and Ctrl-C.

Results go to stdout, everything about the run to stderr, so that a pipe gets results only.
rich is imported when something is drawn, never before.
"""

from __future__ import annotations

import json as json_format
import signal
import sys
import threading
from contextlib import contextmanager
from math import prod
from typing import TYPE_CHECKING, Any

from irrm_core.progress import Cancel, NoProgress

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from types import FrameType

    from rich.progress import Progress as RichProgress

    from irrm_core.progress import Progress


program = "irrm"
"""Name of the command that runs."""


def write(text: str) -> None:
    """Write one line of a result to stdout."""
    sys.stdout.write(text + "\n")


def write_json(document: object) -> None:
    """Write one JSON document to stdout: strict JSON, infinity and NaN as null."""
    sys.stdout.write(json_format.dumps(_strict(document), indent=2, allow_nan=False) + "\n")


def say(text: object) -> None:
    """Write one line about the run to stderr, prefixed with the command's name.

    Line breaks and control characters, which a file name may hold, become spaces: a hostile
    name cannot forge a second line or steer the terminal.
    """
    line = "".join(c if c.isprintable() else " " for c in str(text))
    sys.stderr.write(f"{program}: {line}\n")


def printable(text: str) -> str:
    """Return a text of one line, with what no terminal should be sent escaped.

    Line breaks, control characters, what turns the direction of writing, and bytes that are no
    UTF-8: file names may hold them all, and must not forge a line.
    """
    return "".join(c if c.isprintable() else _escaped(c) for c in text)


def write_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a table to stdout; the first column is left-aligned, numbers right-aligned.

    Cells are plain text: brackets in a file name are not markup, and what is not printable is
    escaped. Piped output is never cut or wrapped to a terminal's width.
    """
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for index, column in enumerate(columns):
        table.add_column(column, justify="left" if index == 0 else "right", overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    width = None if sys.stdout.isatty() else 10_000
    Console(file=sys.stdout, width=width, highlight=False).print(table)


def size_in_words(count: int) -> str:
    """Return a number of bytes for people: ``"1.2 MB"``, powers of 1000."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 999.5:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.3g} {unit}"
        value /= 1000
    return f"{value:.3g} TB"


def shape_in_words(shape: Sequence[int], axes: str) -> str:
    """Return the shape of an image for people: ``"640x480"``, ``"200 planes of 512x512"``.

    Width before height, as photographs are described.
    """
    sizes = dict(zip(axes, shape, strict=True))
    plane = f"{sizes.pop('X')}x{sizes.pop('Y')}"
    sizes.pop("S", None)
    count = prod(sizes.values())
    return plane if count == 1 else f"{count} planes of {plane}"


def psnr_in_words(psnr: float | None) -> str:
    """Return a measured PSNR for people."""
    return "not measured" if psnr is None else f"{psnr:.2f} dB"


@contextmanager
def show_progress(*, quiet: bool = False) -> Iterator[Progress]:
    """Give a `Progress` that draws on stderr, or one that tells nobody.

    Nothing is drawn when stderr is no terminal or `quiet` is set: logs stay readable.
    """
    if quiet or not sys.stderr.isatty():
        yield NoProgress()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Drawn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Drawn(*columns, console=Console(stderr=True), transient=True) as drawn:
        yield _Bars(drawn)


class _Bars:
    """Draws each piece of work as a bar; a piece begun within another is drawn below it."""

    def __init__(self, drawn: RichProgress) -> None:
        self._drawn = drawn
        self._open: list[Any] = []

    def begin(self, what: str, total: int) -> None:
        self._open.append(self._drawn.add_task(what, total=total))

    def advance(self, steps: int = 1) -> None:
        self._drawn.advance(self._open[-1], steps)

    def end(self) -> None:
        self._drawn.remove_task(self._open.pop())


@contextmanager
def interruptible() -> Iterator[Cancel]:
    """Turn Ctrl-C and a polite kill into a `Cancel`, so that jobs end where it is safe.

    A second Ctrl-C interrupts at once. Enter it before heavy imports: an interrupt during
    them is then kept for the first check.
    """
    cancel = Cancel()
    if threading.current_thread() is not threading.main_thread():
        yield cancel  # only the main thread may have signal handlers
        return

    def stop(number: int, frame: FrameType | None) -> None:
        if cancel.cancelled:
            raise KeyboardInterrupt
        cancel.cancel()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield cancel
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


def _strict(value: object) -> object:
    """Replace what strict JSON lacks: non-finite numbers by null, paths by strings."""
    if isinstance(value, dict):
        return {str(key): _strict(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_strict(item) for item in value]
    if isinstance(value, float):
        return value if value - value == 0 else None
    if value is None or isinstance(value, str | int):
        return value
    return str(value)
