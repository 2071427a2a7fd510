"""Searching a ladder of settings."""

from __future__ import annotations

from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from irrm_core.archive.codecs.search import first_reaching

STEPS = st.lists(st.floats(0.001, 3.0), min_size=1, max_size=500)


@given(steps=STEPS, target=st.floats(-1.0, 200.0))
def test_the_smallest_setting_that_reaches_is_found(steps: list[float], target: float) -> None:
    ladder = [value - target for value in accumulate(steps)]
    expected = next((k for k, value in enumerate(ladder) if value >= 0), None)
    assert first_reaching(ladder.__getitem__, len(ladder)) == expected


@given(steps=STEPS, target=st.floats(-1.0, 200.0))
def test_an_overshoot_that_is_allowed_is_the_most_there_is(
    steps: list[float], target: float
) -> None:
    ladder = [value - target for value in accumulate(steps)]
    found = first_reaching(ladder.__getitem__, len(ladder), within=0.1)
    if found is None:
        assert ladder[-1] < 0
    else:
        assert ladder[found] >= 0
        assert ladder[found] <= 0.1 or found == 0 or ladder[found - 1] < 0


@given(steps=STEPS, target=st.floats(-1.0, 200.0))
def test_few_trials_are_made(steps: list[float], target: float) -> None:
    ladder = [value - target for value in accumulate(steps)]
    asked: list[int] = []

    def measure(setting: int) -> float:
        asked.append(setting)
        return ladder[setting]

    first_reaching(measure, len(ladder))
    assert len(set(asked)) == len(asked) <= 3 * (len(ladder).bit_length() + 1)
