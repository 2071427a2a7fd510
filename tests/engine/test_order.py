"""Which plane is done first, and what is told of each."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from irrm_core.engine import Layout
from irrm_core.engine.record import RestoreRecord
from irrm_core.errors import UsageError

AXES = "TCYX"


@pytest.fixture
def stack(picture: Any) -> Any:
    """Three times, two channels of different ranges, odd sizes."""
    planes = [picture(41, 55, dtype="uint16", low=k, high=900 * (k + 1)) for k in range(6)]
    return np.stack(planes).reshape(3, 2, 41, 55)


class _Seen:
    """Notes the planes it is told of, and what stands in `out` by then."""

    def __init__(self, out: Any = None) -> None:
        self.numbers: list[int] = []
        self.records: list[RestoreRecord] = []
        self.sums: dict[int, int] = {}
        self._out = out

    def __call__(self, plane: Any, record: RestoreRecord) -> None:
        self.numbers.append(plane.number)
        self.records.append(record)
        if self._out is not None:
            self.sums[plane.number] = int(self._out[plane.index].sum())


def test_planes_begin_with_the_one_that_is_asked_for() -> None:
    layout = Layout("ZYX", (4, 5, 6))
    assert [plane.number for plane in layout.planes(2)] == [2, 0, 1, 3]
    assert [plane.index[0] for plane in layout.planes(2)] == [2, 0, 1, 3]
    assert [plane.number for plane in Layout("YX", (5, 6)).planes()] == [0]


@pytest.mark.parametrize("first", [-1, 6])
def test_a_plane_that_is_not_there_cannot_be_first(rescaler: Any, stack: Any, first: int) -> None:
    with pytest.raises(UsageError, match="planes are 0 to 5"):
        rescaler("gray-x2").downscale(stack, axes=AXES, first=first)


def test_the_result_does_not_depend_on_which_plane_is_first(rescaler: Any, stack: Any) -> None:
    gray = rescaler("gray-x2")
    expected = gray.downscale(stack, axes=AXES, measure=True)
    made = gray.downscale(stack, axes=AXES, first=3)
    measured = gray.measure(stack, made, first=5)
    assert measured.record == expected.record
    np.testing.assert_array_equal(measured.image, expected.image)
    restored = gray.restore(made, first=4)
    np.testing.assert_array_equal(restored, gray.restore(expected))


def test_a_gaussian_latent_goes_with_the_plane_not_with_its_turn(
    rescaler: Any, picture: Any
) -> None:
    noise = rescaler("noise-x2")
    made = noise.downscale(np.stack([picture(32, 32, 3)] * 3), axes="TYXS", seed=5)
    np.testing.assert_array_equal(noise.restore(made, first=2), noise.restore(made))


def test_each_plane_is_told_when_it_is_in_the_output(rescaler: Any, stack: Any) -> None:
    gray = rescaler("gray-x2")
    lr = np.zeros((3, 2, 21, 28), np.uint16)
    seen = _Seen(lr)
    made = gray.downscale(stack, axes=AXES, out=lr, first=3, plane_done=seen)
    assert seen.numbers == [3, 0, 1, 2, 4, 5]
    assert seen.sums == {n: int(lr.reshape(6, -1)[n].sum()) for n in range(6)}

    hr = np.zeros_like(stack)
    seen = _Seen(hr)
    gray.restore(made, out=hr, first=2, plane_done=seen)
    assert seen.numbers == [2, 0, 1, 3, 4, 5]
    assert seen.sums == {n: int(hr.reshape(6, -1)[n].sum()) for n in range(6)}
    assert seen.records == [made.record] * 6

    hr[...] = 0
    seen = _Seen(hr)
    gray.measure(stack, made, out=hr, first=1, plane_done=seen)
    assert seen.numbers[0] == 1
    assert min(seen.sums.values()) > 0


def test_the_mappings_are_known_when_the_first_plane_is_done(rescaler: Any, stack: Any) -> None:
    seen = _Seen()
    made = rescaler("gray-x2").downscale(stack, axes=AXES, first=5, plane_done=seen)
    assert seen.records[0].mappings == made.record.mappings
    assert len(made.record.mappings) == 2
    assert seen.records[0].lr_shape == made.image.shape
