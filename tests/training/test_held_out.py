from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from irrm_core.training.held_out import MOST, hold_out
from irrm_core.training.pictures import Pictures
from irrm_core.training.reading import Picture

PIXELS = np.zeros((1, 1, 1), np.uint8)


def of_files(planes: list[int]) -> Pictures:
    """Pictures of files with so many planes each; no two are the same object."""
    pictures = [
        Picture(Path(f"{n}.tif"), PIXELS) for n, count in enumerate(planes) for _ in range(count)
    ]
    return Pictures(Path(), tuple(pictures), 1)


@given(st.lists(st.integers(1, 30), min_size=1, max_size=140))
def test_nothing_is_trained_on_that_is_measured_with(planes: list[int]) -> None:
    pictures = of_files(planes)
    training, held = hold_out(pictures)
    total = len(pictures.pictures)
    if total == 1:
        assert (training, held) == (pictures, None)
        return
    assert held is not None
    ours, theirs = ({id(p) for p in part.pictures} for part in (training, held))
    assert not ours & theirs
    assert 1 <= len(theirs) <= MOST
    assert ours
    if len(planes) >= 10:
        assert not {p.path for p in training.pictures} & {p.path for p in held.pictures}
    else:
        assert len(ours) >= 0.5 * total


def test_of_a_few_stacks_a_tenth_out_of_the_middle_is_held_out() -> None:
    pictures = of_files([20, 3, 12])
    _, held = hold_out(pictures)
    assert held is not None
    assert held.pictures == (*pictures.pictures[9:11], pictures.pictures[28])
    _, held = hold_out(of_files([8] * 8))
    assert held is not None
    assert len(held.pictures) == 6
