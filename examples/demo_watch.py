"""Watch a temporary folder, drop pictures in, lose one, get it back, and print what it took."""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from irrm_core import psnr, read_image

PHOTOS = Path(__file__).parent / "photos"
PATIENCE = 600.0
"""Seconds for which the demonstration waits for the daemon."""


@dataclass(frozen=True)
class Watcher:
    """The command with its configuration."""

    config: Path

    def call(self, verb: str, *words: str | Path) -> str:
        """Run a verb; return what it prints."""
        return subprocess.run(
            [*_COMMAND, verb, "--config", str(self.config), *map(str, words)],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout

    def status(self) -> dict[str, Any]:
        """Return the status document."""
        document: dict[str, Any] = json.loads(self.call("status", "--json"))
        return document

    @contextmanager
    def running(self) -> Iterator[Callable[[Callable[[], bool], str], None]]:
        """Let the daemon run; give what waits until it has done something."""
        log = self.config.with_suffix(".log")
        with log.open("wb") as stream:
            daemon = subprocess.Popen(
                [*_COMMAND, "run", "--config", str(self.config)], stderr=stream
            )
            try:
                yield lambda met, what: _wait(daemon, met, what)
            except TimeoutError:
                sys.stderr.write(log.read_text())
                raise
            finally:
                daemon.terminate()
                daemon.wait()


_COMMAND = (sys.executable, "-m", "irrm_watcher")
_INIT = ("--delay", "1")


def main() -> None:
    """Run the demonstration."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", nargs="*", type=Path, default=sorted(PHOTOS.glob("*.png")))
    photos: Sequence[Path] = parser.parse_args().photos
    with tempfile.TemporaryDirectory(prefix="irrm-demo-") as folder:
        demonstrate(Path(folder).resolve(), photos)


def demonstrate(place: Path, photos: Sequence[Path]) -> None:
    """Show everything in an empty folder."""
    incoming, store, config = place / "incoming", place / "store", place / "watch.toml"
    incoming.mkdir()
    _say("irrm-watch init --folder incoming --store store --delay 1 --output watch.toml")
    subprocess.run(
        [*_COMMAND, "init", "--folder", incoming, "--store", store, *_INIT, "--output", config],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    watcher = Watcher(config)
    _say("irrm-watch run --config watch.toml &")
    with watcher.running() as until:
        until(lambda: watcher.status()["daemon"]["running"], "the daemon runs")
        _say(f"cp {' '.join(photo.name for photo in photos)} incoming/")
        for photo in photos:
            shutil.copy(photo, incoming)
        until(lambda: _done(watcher.status(), len(photos)), "everything is archived")
        _say("irrm-watch status --config watch.toml")
        print(watcher.call("status"))
        _say("ls store/files")
        for path in sorted((store / "files").rglob("*.*")):
            print(f"{path.stat().st_size:>9,}  {path.relative_to(store)}")
        entries = json.loads(watcher.call("list", "--json"))
        archived = [entry for entry in entries if entry["stored_path"]]
        lost = min(archived, key=lambda entry: entry["storage"] != "lr")
        original = incoming / lost["path"]
        content, before = original.read_bytes(), read_image(original)[0]
        _say(f"rm incoming/{lost['path']}")
        original.unlink()
        _say(f"irrm-watch restore --config watch.toml {lost['path']}")
        print(watcher.call("restore", original))
        back = next(iter(sorted(incoming.glob(f"{lost['path']}*"))))
        if hashlib.sha256(back.read_bytes()).digest() == hashlib.sha256(content).digest():
            print(f"{back.name} is the lost file, byte for byte")
        else:
            quality = psnr(before, read_image(back)[0])
            print(f"{back.name} is the lost picture, restored with a PSNR of {quality:.2f} dB")
        _say("irrm-watch check --config watch.toml --read-data")
        print(watcher.call("check", "--read-data"))
    Console().print(_table(entries))


def _table(entries: Sequence[dict[str, Any]]) -> Table:
    table = Table(box=SIMPLE_HEAD, show_edge=False)
    table.add_column("picture")
    table.add_column("class")
    for name in ("original", "stored", "saved", "PSNR"):
        table.add_column(name, justify="right")
    for entry in entries:
        size, stored = entry["size"], entry["stored_size"]
        judged = entry["measured"].get("psnr") if entry["storage"] == "lr" else None
        table.add_row(
            entry["path"],
            entry["storage"] or "-",
            f"{size:,}",
            "-" if stored is None else f"{stored:,}",
            "-" if stored is None else f"{1 - stored / size:.0%}",
            "-" if judged is None else _decibels(judged),
        )
    return table


def _decibels(judged: Any) -> str:
    worst = min(judged) if isinstance(judged, list) else judged
    return f"{worst:.2f} dB"


def _done(status: dict[str, Any], files: int) -> bool:
    settled = status["files"] - status["backlog"]
    return bool(settled >= files)


def _wait(daemon: subprocess.Popen[bytes], met: Callable[[], bool], what: str) -> None:
    """Wait for the daemon, which has its own pace."""
    end = time.monotonic() + PATIENCE
    while not met():
        if daemon.poll() is not None or time.monotonic() > end:
            raise TimeoutError(f"waited in vain until {what}")
        time.sleep(0.5)


def _say(command: str) -> None:
    print(f"\n$ {command}")


if __name__ == "__main__":
    main()
