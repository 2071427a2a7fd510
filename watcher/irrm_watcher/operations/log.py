"""The log: a line an event on stderr, as text for people or as JSON for programs."""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TextIO

from irrm_watcher.pipeline.observer import Observer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from irrm_core.archive.catalogue import Entry
    from irrm_watcher.pipeline.observer import Scanned
    from irrm_watcher.scan import Passed, Watching


class Log(Observer):
    """Writes what happens.

    Parameters
    ----------
    form : str
        ``"text"`` or ``"json"``.
    stream : TextIO, optional
        By default stderr, which a service manager collects.
    clock : callable
        Seconds since 1970.
    """

    def __init__(
        self,
        form: Literal["text", "json"] = "text",
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._form = form
        self._stream = stream
        self._clock = clock
        self._away: dict[str, str] = {}
        self._passed: dict[str, frozenset[Passed]] = {}

    def write(self, level: str, event: str, **facts: Any) -> None:
        """Write one event; `level` is ``info``, ``warning`` or ``error``."""
        at = datetime.fromtimestamp(self._clock()).astimezone().isoformat(timespec="milliseconds")
        if self._form == "json":
            line = json.dumps({"at": at, "level": level, "event": event, **facts})
        else:
            told = " ".join(f"{name}={_text(value)}" for name, value in facts.items())
            line = f"{at} {level} {event} {told}".rstrip()
        stream = self._stream or sys.stderr
        try:
            stream.write(line + "\n")
            stream.flush()
        except (OSError, ValueError):
            pass  # whoever read it is gone; the work goes on

    def started(self, recovered: Mapping[str, int], watching: Mapping[str, Watching]) -> None:
        """Write how each folder is watched, and what a crash had left."""
        left = {name: count for name, count in recovered.items() if count}
        self.write("info", "started", pid=os.getpid(), folders=len(watching), recovered=left)
        for name, how in watching.items():
            self.watched(name, how)

    def watched(self, root: str, watching: Watching) -> None:
        """Write how a folder is watched from now on."""
        self.write("info", "watching", root=root, events=watching.events, how=watching.reason)

    def scanned(self, scanned: Scanned) -> None:
        """Write what a look found, if anything; that a folder is away only when that is new."""
        if scanned.away:
            if self._away.get(scanned.root) != scanned.away:
                self._away[scanned.root] = scanned.away
                self.write("warning", "away", root=scanned.root, reason=scanned.away)
            return
        if self._away.pop(scanned.root, None):
            self.write("info", "back", root=scanned.root)
        found = {name: count for name, count in scanned.found.items() if count}
        self.write(
            "info",
            "scanned",
            root=scanned.root,
            why=scanned.reason,
            files=scanned.files,
            found=found,
            seconds=round(scanned.seconds, 3),
        )
        if scanned.passed is not None:
            self._pass(scanned.root, frozenset(scanned.passed))

    def _pass(self, root: str, passed: frozenset[Passed]) -> None:
        """Write what is passed over, each thing once as long as it is."""
        before, self._passed[root] = self._passed.get(root, frozenset()), passed
        for thing in sorted(passed - before, key=lambda thing: thing.path):
            level = "warning" if thing.failed else "info"
            path = os.fsdecode(thing.path)
            self.write(level, "passed", root=root, path=path, reason=thing.reason)

    def committed(self, entry: Entry) -> None:
        """Write how a file is stored."""
        facts: dict[str, Any] = {"class": entry.storage, "size": entry.size}
        facts["stored"] = entry.stored_size
        if "psnr" in entry.measured:
            facts["psnr"] = entry.measured["psnr"]
        self._file("info", "committed", entry, **facts)

    def quarantined(self, entry: Entry) -> None:
        """Write that an original lies in quarantine."""
        self._file("info", "quarantined", entry)

    def purged(self, entry: Entry) -> None:
        """Write that an original was deleted."""
        self._file("info", "purged", entry, size=entry.size)

    def kept(self, entry: Entry) -> None:
        """Write why a file is left alone."""
        self._file("info", "kept", entry, reason=entry.reason)

    def returned(self, entry: Entry, reason: str) -> None:
        """Write why a file is looked at later."""
        self._file("info", "returned", entry, reason=reason)

    def retrying(self, entry: Entry, reason: str) -> None:
        """Write why a file is tried again."""
        self._file("warning", "retrying", entry, reason=reason, attempts=entry.attempts)

    def failed(self, entry: Entry, reason: str) -> None:
        """Write why a file failed."""
        self._file("error", "failed", entry, reason=reason)

    def trouble(self, what: str) -> None:
        """Write what stands in the way."""
        self.write("error", "trouble", reason=what)

    def resting(self, why: str) -> None:
        """Write why nothing is taken up, or that work goes on."""
        self.write("info", "resting" if why else "working", **({"why": why} if why else {}))

    def idle(self) -> None:
        """Write that nothing is left to do."""
        self.write("info", "idle")

    def stopping(self) -> None:
        """Write that the daemon ends."""
        self.write("info", "stopping")

    def _file(self, level: str, event: str, entry: Entry, **facts: Any) -> None:
        path = os.fsdecode(entry.path)
        self.write(level, event, root=entry.root, path=path, version=entry.version, **facts)


def _text(value: Any) -> str:
    """Return a value in one word, or quoted: no name can forge a second line."""
    if isinstance(value, bool) or value is None:
        return "-" if value is None else str(value).lower()
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) else str(value)
    if isinstance(value, str):
        plain = value.isprintable() and value.isascii() and not set(value) & set(' "=')
        return str(value) if plain and value else json.dumps(value)
    return json.dumps(value, separators=(",", ":"))
