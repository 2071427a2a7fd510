"""Some of the pictures set apart, so that a run is measured on what it has not seen."""

from __future__ import annotations

from itertools import groupby

from irrm_core.training.pictures import Pictures

EVERY = 10
"""One file in so many is held out, or the middle one of so many parts of a stack."""

MOST = 12
"""Pictures at most."""


def hold_out(pictures: Pictures) -> tuple[Pictures, Pictures | None]:
    """Split pictures into those to train on and those to measure with.

    Every tenth file is held out whole, since the planes of a stack are much alike. Of fewer than
    ten files a tenth of each stack is, out of its middle, where it is in focus; without a stack
    of ten planes the last picture is. Of one picture nothing is. Of what is held out at most
    12 pictures are kept, evenly spread.

    Returns
    -------
    training, held : Pictures
        `held` is None where there is only one picture.
    """
    count = len(pictures.pictures)
    if count < 2:
        return pictures, None
    files = [
        [number for number, _ in group]
        for _, group in groupby(enumerate(pictures.pictures), lambda item: item[1].path)
    ]
    if len(files) >= EVERY:
        held = [number for file in files[EVERY - 1 :: EVERY] for number in file]
    else:
        held = [number for file in files for number in _middle(file)] or [count - 1]
    apart = set(held)
    training = [number for number in range(count) if number not in apart]
    return pictures.chosen(training), pictures.chosen(held[:: -(-len(held) // MOST)])


def _middle(numbers: list[int]) -> list[int]:
    """Return the middle tenth, rounded down."""
    part = len(numbers) // EVERY
    first = (len(numbers) - part) // 2
    return numbers[first : first + part]
