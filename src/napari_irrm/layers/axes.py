"""What the leading axes of a layer are called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

LETTERS = "TZC"
"""Names that leading axes can have."""

_NAMES = {
    "t": "T", "time": "T", "frame": "T", "frames": "T",
    "z": "Z", "depth": "Z",
    "c": "C", "ch": "C", "channel": "C", "channels": "C",
}  # fmt: skip

_MOST_CHANNELS = 4


@dataclass(frozen=True)
class LeadingAxis:
    """What a layer says of an axis before Y and X.

    Attributes
    ----------
    size : int
        Its length.
    label : str
        As the layer has it; napari's own ``axis -3`` says nothing.
    scale : float
        World units from plane to plane.
    is_time : bool
        Whether these are units of time.
    """

    size: int
    label: str = ""
    scale: float = 1.0
    is_time: bool = False


@dataclass(frozen=True)
class Leading:
    """Names for the leading axes.

    Attributes
    ----------
    letters : str
        At most three, all different, from `LETTERS`.
    start, stop : int
        The axes from `start` to before `stop` are taken as one, in C order; none if equal.
    """

    letters: str
    start: int = 0
    stop: int = 0

    def shape(self, sizes: Sequence[int]) -> tuple[int, ...]:
        """Return the lengths of the axes, those that are one multiplied."""
        if self.start == self.stop:
            return tuple(sizes)
        merged = prod(sizes[self.start : self.stop])
        return (*sizes[: self.start], merged, *sizes[self.stop :])


def name_axes(axes: Sequence[LeadingAxis], *, colours: bool = False) -> Leading:
    """Name leading axes: by their labels, else by what is likely.

    Intensities are mapped for each index of C and over all of the others, so it matters
    most which one is C. Without a label it is the last axis of 2 to 4 planes whose scale is 1,
    unless the planes have `colours` already; one in units of time is T. The others take what
    is left of Z and T, the last one first. Of more than three axes, so many adjacent ones are
    taken as one that three remain.
    """
    surplus = len(axes) - len(LETTERS)
    if surplus > 0:
        start = _start_without_channels(axes, surplus + 1)
        stop = start + surplus + 1
        merged = LeadingAxis(prod(axis.size for axis in axes[start:stop]), scale=0)
        named = name_axes([*axes[:start], merged, *axes[stop:]], colours=colours)
        return Leading(named.letters, start, stop)
    found: list[str] = []
    for axis in axes:
        letter = "T" if axis.is_time else _NAMES.get(axis.label.strip().lower(), "")
        found.append("" if letter in found else letter)
    if "C" not in found and not colours:
        _name_channels(axes, found)
    left = [letter for letter in "CTZ" if letter not in found]
    return Leading("".join(reversed([letter or left.pop() for letter in reversed(found)])))


def _name_channels(axes: Sequence[LeadingAxis], found: list[str]) -> None:
    for i in reversed(range(len(axes))):
        if not found[i] and 2 <= axes[i].size <= _MOST_CHANNELS and axes[i].scale == 1:
            found[i] = "C"
            return


def _start_without_channels(axes: Sequence[LeadingAxis], count: int) -> int:
    """Return the first of `count` adjacent axes none of which is labelled as channels."""
    for start in range(len(axes) - count + 1):
        labels = (axis.label.strip().lower() for axis in axes[start : start + count])
        if all(_NAMES.get(label) != "C" for label in labels):
            return start
    return 0
