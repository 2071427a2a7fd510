"""When a file is quiet: pure, with the time given, so that every order of events can be tried.

Only a clock that never jumps is compared, and a change counts from when it was seen, never from
the times that the file bears: those may lie in the future, or be set by the program that copies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator


class Stability:
    """Remembers since when each thing looks as it does.

    Parameters
    ----------
    delay : float
        Seconds that a thing must look the same to be stable.
    """

    def __init__(self, delay: float) -> None:
        self.delay = delay
        self._since: dict[bytes, tuple[Hashable, float]] = {}

    def see(self, key: bytes, look: Hashable, now: float) -> bool:
        """Tell what a thing looks like, and learn whether it is stable.

        Parameters
        ----------
        key : bytes
            Which thing: a path, or a folder for all of its files.
        look : hashable
            Whatever changes when the thing does.
        now : float
            Seconds of a monotonic clock, read after `look` was taken.

        Returns
        -------
        bool
            It has looked like this for the delay.
        """
        before = self._since.get(key)
        if before is None or before[0] != look:
            self._since[key] = (look, now)
            return self.delay <= 0
        return now - before[1] >= self.delay

    def restart(self, key: bytes, now: float) -> None:
        """Count the delay anew from now: something else tells that the thing is not at rest."""
        if key in self._since:
            self._since[key] = (self._since[key][0], now)

    def forget(self, key: bytes) -> None:
        """Drop a thing that was taken or is gone; seen again, it counts from the beginning."""
        self._since.pop(key, None)

    def due(self) -> float | None:
        """Return when the first thing may be stable; None if there is none."""
        first = min((since for _, since in self._since.values()), default=None)
        return None if first is None else first + self.delay

    def ripe(self, now: float) -> list[bytes]:
        """Return the things that are stable if they still look the same."""
        return [key for key, (_, since) in self._since.items() if now - since >= self.delay]

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._since)

    def __len__(self) -> int:
        return len(self._since)
