"""A Hypothesis state machine: whatever a person, a crash, a disk and a clock do, the law holds.

To run it against a set-up of your own, derive a class, replace `ground`, and hand its
``TestCase`` to a test runner::

    class Mine(WatcherMachine):
        def ground(self, place):
            return Forked(place, mode="replace", quarantine="2h", rule='exact = "bytes"')

    TestMine = Mine.TestCase

Needs Hypothesis, and a system that can fork.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from irrm_watcher.failpoints import NAMES
from irrm_watcher.testing.forked import UNEXPECTED, Forked
from irrm_watcher.testing.violations import violations

if TYPE_CHECKING:
    from irrm_core.archive.catalogue import Entry

FILES = st.sampled_from((b"a.txt", b"b.csv", b"folder/a.txt", b"new\nline.txt", b"\xff\xfe.bin"))
"""Names: few, so that they meet."""

CONTENTS = st.tuples(st.integers(0, 5), st.sampled_from((0, 1, 40, 4000)))
"""Contents: few, so that files with one content meet, too."""

DAY = 86_400.0


class WatcherMachine(RuleBasedStateMachine):
    """A watcher, and everything that may happen to it.

    Attributes
    ----------
    mode : str
        Of the watched folder.
    """

    mode = "replace"

    def ground(self, place: Path) -> Forked:
        """Return what is harmed; `place` does not exist yet."""
        return Forked(place, mode=self.mode, quarantine="1h", rule='classes = ["exact", "kept"]')

    @initialize()
    def begin(self) -> None:
        """Take a fresh ground."""
        self._folder = tempfile.mkdtemp(prefix="irrm-machine-")
        self._ground = self.ground(Path(self._folder) / "ground")

    def teardown(self) -> None:
        """Look at the law a last time."""
        if hasattr(self, "_ground"):
            try:
                self._settled()
                found = violations(self._ground)
                assert not found, "\n".join(found)
            finally:
                shutil.rmtree(self._folder, ignore_errors=True)

    @rule(name=FILES, content=CONTENTS)
    def write(self, name: bytes, content: tuple[int, int]) -> None:
        """Create a file, or write another content into it."""
        number, lines = content
        self._ground.put(name, b"content %d\n" % number * lines)

    @rule(name=FILES, to=FILES)
    def rename(self, name: bytes, to: bytes) -> None:
        """Rename a file onto a free name."""
        if name in self._ground.ledger.standing:
            self._ground.path(to).parent.mkdir(exist_ok=True)
            self._ground.rename(name, to)

    @rule(name=FILES)
    def delete(self, name: bytes) -> None:
        """Delete a file."""
        self._ground.delete(name)

    @rule(name=FILES)
    def touch(self, name: bytes) -> None:
        """Change the times of a file."""
        with suppress(FileNotFoundError):
            os.utime(self._ground.path(name))

    @rule()
    def settle(self) -> None:
        """Let the watcher work until nothing is left."""
        self._settled()

    @rule(failpoint=st.sampled_from(NAMES), count=st.integers(1, 3))
    def kill(self, failpoint: str, count: int) -> None:
        """Kill the watcher where it comes to a failpoint, if it does."""
        ended = self._ground.run("once", failpoint=f"{failpoint}:{count}", check=False)
        assert ended.returncode in (0, -signal.SIGKILL), ended.stderr

    @rule(full_after=st.integers(0, 60))
    def fill_disk(self, full_after: int) -> None:
        """Let the disk be full after some writes; nothing but a refusal may come of it."""
        ended = self._ground.run("once", full_after=full_after, check=False)
        assert ended.returncode != UNEXPECTED, ended.stderr

    @rule(days=st.sampled_from((-4000.0, -1.0, 1.0, 4000.0)))
    def jump(self, days: float) -> None:
        """Set the clock; no retention ends by that."""
        self._settled()
        before = self._in_quarantine()
        self._ground.clock.jumped += days * DAY
        self._settled()
        assert before <= self._in_quarantine()

    @rule(hours=st.sampled_from((0.5, 2.0)))
    def wait(self, hours: float) -> None:
        """Let time pass, by which retentions end."""
        self._ground.clock.passed += hours * 3600

    @rule()
    def restore(self) -> None:
        """Restore everything to where it was; what stands there is kept."""
        self._settled()
        before = [entry.sha256 for entry in self._ground.entries if entry.archived]
        if before:
            self._ground.run("restore", "--all")
        self._settled()
        assert [entry.sha256 for entry in self._ground.entries if entry.archived] == before

    @rule(choice=st.integers(0, 1000), at=st.floats(0, 1, exclude_max=True))
    def damage(self, choice: int, at: float) -> None:
        """Damage a store file: it is found and refused, harms no other, and nothing is purged."""
        self._settled()
        stored = [entry for entry in self._ground.entries if entry.archived]
        if not stored:
            return
        entry = stored[choice % len(stored)]
        path = self._ground.store / os.fsdecode(entry.stored_path or b"")
        whole = path.read_bytes()
        broken = bytearray(whole)
        broken[int(at * len(whole))] ^= 0x10
        path.write_bytes(broken)
        self._is_refused(entry, path)
        self._ground.clock.passed += 3 * 3600
        before = self._in_quarantine()
        self._ground.run("once")
        if entry.id in before:
            assert entry.id in self._in_quarantine(), f"{path}: damaged, and its original purged"
        path.write_bytes(whole)

    @precondition(lambda self: self._ground.archived())
    @rule()
    def lose_catalogue(self) -> None:
        """Lose the catalogue: that is an error until it is made anew from the store."""
        self._settled()
        for path in self._ground.store.glob("catalogue.sqlite3*"):
            path.unlink()
        refused = self._ground.run("once", check=False)
        assert refused.returncode not in (0, UNEXPECTED)
        assert "catalog rebuild" in refused.stderr
        self._ground.run("catalog rebuild")

    def _settled(self) -> None:
        self._ground.settle()

    def _in_quarantine(self) -> set[Any]:
        return {entry.id for entry in self._ground.entries if entry.state == "quarantined"}

    def _is_refused(self, entry: Entry, path: Path) -> None:
        checked = self._ground.run("check", check=False)
        assert checked.returncode not in (0, UNEXPECTED), f"{path}: damaged, and check is content"
        with tempfile.TemporaryDirectory(dir=self._ground.place) as to:
            ended = self._ground.run("restore", "--all", "--to", to, check=False)
            restored = {file.read_bytes() for file in Path(to).rglob("*") if file.is_file()}
            newest = {other.path: other for other in self._ground.entries if other.archived}
            if newest[entry.path] == entry:
                assert ended.returncode not in (0, UNEXPECTED), f"{path}: damaged, and restored"
            whole = sum(other != entry for other in newest.values())
            assert len(list(Path(to).rglob("*"))) >= whole
        assert restored <= self._contents(), f"{path}: damaged, and something else was restored"

    def _contents(self) -> set[bytes]:
        return {
            b"content %d\n" % number * lines for number in range(6) for lines in (0, 1, 40, 4000)
        }
