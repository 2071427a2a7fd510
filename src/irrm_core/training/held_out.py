"""Some of the pictures set apart, so that a run is measured on what it has not seen."""

from __future__ import annotations

from itertools import groupby

from irrm_core.training.pictures import Pictures

EVERY = 10
"""One file in so many is held out, or one picture in so many of a few files."""

MOST = 12
"""Pictures at most."""


def hold_out(pictures: Pictures) -> tuple[Pictures, Pictures | None]:
    """Split pictures into those to train on and those to measure with.

    Every tenth file is held out whole, since the planes of a stack are much alike. Of fewer than
    ten files a tenth of all pictures is, out of the middle of the stacks, where they are in
    focus; of fewer than ten pictures the last one is, and of one nothing. Of what is held out
    at most 12 pictures are kept, evenly spread.

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


def _middle(file: list[int]) -> list[int]:
    """Return what a file gives to the tenth of all pictures, out of its middle."""
    part = (file[-1] + 1) // EVERY - file[0] // EVERY
    first = (len(file) - part) // 2
    return file[first : first + part]
