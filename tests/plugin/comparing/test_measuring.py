"""What is measured of a restoration."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from irrm_core.errors import Cancelled, ImageDataError, UsageError
from irrm_core.metrics import psnr, ssim
from irrm_core.progress import Cancel
from napari_irrm.comparing import measure_planes
from napari_irrm.comparing.peaks import known_peaks, measured_peaks

from .conftest import Images

Series = tuple[NDArray[np.uint16], NDArray[np.uint16]]


class Steps:
    """Progress that counts."""

    def __init__(self) -> None:
        self.begun: list[tuple[str, int]] = []
        self.done = 0
        self.ended = 0

    def begin(self, what: str, total: int) -> None:
        self.begun.append((what, total))

    def advance(self, steps: int = 1) -> None:
        self.done += steps

    def end(self) -> None:
        self.ended += 1


def test_each_plane_and_channel_is_measured_in_the_units_of_the_data(
    images: Images, series: Series
) -> None:
    before, after = series
    found = measure_planes(*images(before, after, "TCYX"), peaks=(4000.0, 3000.0))
    assert [(row.place, row.channel) for row in found.rows] == [
        ((t, c), c) for t in range(5) for c in range(2)
    ]
    row = found.rows[7]
    error = after[3, 1].astype(float) - before[3, 1]
    assert row.score.largest == np.abs(error).max()
    assert row.score.bias == pytest.approx(error.mean())
    assert row.score.psnr == pytest.approx(psnr(before[3, 1], after[3, 1], peak=3000.0))
    assert row.score.ssim == pytest.approx(ssim(before[3, 1], after[3, 1], peak=3000.0))
    assert row.score.p999 <= row.score.largest


def test_the_frame_that_suffered_is_the_worst(images: Images, series: Series) -> None:
    found = measure_planes(*images(*series, "TCYX"), peaks=(4000.0, 4000.0))
    assert (found.worst.place, found.place_in_words(found.worst)) == ((3, 1), "T 3, C 1")


def test_the_total_counts_each_channel_in_parts_of_its_own_range(
    images: Images, series: Series
) -> None:
    before, after = series
    found = measure_planes(*images(before, after, "TCYX"), peaks=(100.0, 4000.0))
    error = (after.astype(float) - before) / np.array([100.0, 4000.0])[:, None, None]
    assert found.total.psnr == pytest.approx(-10 * math.log10((error**2).mean()))
    assert found.total.bias == pytest.approx((after.astype(float) - before).mean())
    assert found.by_channel[1].psnr == pytest.approx(-10 * math.log10((error[:, 1] ** 2).mean()))


def test_colours_have_rows_of_their_own_and_alpha_has_none(images: Images) -> None:
    random = np.random.default_rng(0)
    before = random.integers(0, 256, (2, 30, 20, 4)).astype(np.uint8)
    after = before.copy()
    after[1, :, :, 2] ^= 1
    after[..., 3] = 0
    found = measure_planes(*images(before, after, "ZYXS"), peaks=(255.0,))
    assert len(found.rows) == 6
    assert found.worst.channel == 2
    assert found.place_in_words(found.worst) == "Z 1, blue"
    assert found.by_channel[0].psnr == math.inf


def test_large_planes_are_measured_in_strips_as_if_they_were_whole(
    images: Images, monkeypatch: pytest.MonkeyPatch
) -> None:
    from napari_irrm.comparing import measuring

    monkeypatch.setattr(measuring, "_STRIP", 1)
    random = np.random.default_rng(1)
    before = random.integers(0, 256, (131, 37)).astype(np.uint8)
    after = (before // 3 * 3).astype(np.uint8)
    for rows in range(85, 131):
        found = measure_planes(*images(before[:rows], after[:rows], "YX"), peaks=(255.0,))
        assert found.total.ssim == pytest.approx(ssim(before[:rows], after[:rows]))
        assert found.total.psnr == pytest.approx(psnr(before[:rows], after[:rows]))


def test_the_order_of_the_planes_changes_nothing(images: Images, series: Series) -> None:
    pair = images(*series, "TCYX")
    seen: list[int] = []
    found = measure_planes(
        *pair, (1.0, 1.0), first=6, see=lambda plane, *_: seen.append(plane.number)
    )
    assert seen == [6, 0, 1, 2, 3, 4, 5, 7, 8, 9]
    assert found.rows == measure_planes(*pair, (1.0, 1.0)).rows


def test_cancel_stops_between_planes(images: Images, series: Series) -> None:
    cancel, steps = Cancel(), Steps()
    with pytest.raises(Cancelled):
        measure_planes(
            *images(*series, "TCYX"), (1.0, 1.0), steps, cancel, see=lambda *_: cancel.cancel()
        )
    assert (steps.begun, steps.done, steps.ended) == ([("compare", 10)], 1, 1)


def test_images_of_two_sizes_are_refused_by_name(images: Images) -> None:
    with pytest.raises(UsageError, match=r"'cells' of shape \(20, 20\).*'cells restored'"):
        measure_planes(*images(np.zeros((20, 20)), np.zeros((10, 10)), "YX"), (1.0,))


def test_pixels_that_are_not_finite_are_refused_with_their_plane(images: Images) -> None:
    before = np.zeros((3, 20, 20), np.float32)
    after = before.copy()
    after[2, 4, 4] = np.nan
    with pytest.raises(ImageDataError, match="'cells restored', plane 2"):
        measure_planes(*images(before, after, "TYX"), (1.0,))


def test_gaps_that_came_back_differ_by_nothing(images: Images) -> None:
    random = np.random.default_rng(0)
    before = random.random((3, 20, 20)).astype(np.float32)
    before[0, 3:9] = np.nan
    before[1, 4, 4], before[1, 4, 5] = np.inf, -np.inf
    before[2] = np.nan
    after = before + np.float32(0.25)
    assert measured_peaks(images(before, after, "TYX")[0])[0] == pytest.approx(1, abs=0.02)
    found = measure_planes(*images(before, after, "TYX"), (1.0,))
    largest = [row.score.largest for row in found.rows]
    assert largest == pytest.approx([0.25, 0.25, 0], abs=1e-6)
    assert found.rows[0].score.bias == pytest.approx(0.25 * 14 / 20)
    assert found.rows[2].score.psnr == math.inf


def test_no_range_is_measured_where_there_are_gaps_only(images: Images) -> None:
    nothing = np.full((20, 20), np.nan, np.float32)
    assert measured_peaks(images(nothing, nothing, "YX")[0]) == (0.0,)


def test_intensities_whose_squares_are_infinite_are_measured(images: Images) -> None:
    before = np.random.default_rng(0).random((20, 20))
    found = measure_planes(*images(before * 1e300, before * 1e300, "YX"), (1e300,))
    assert found.rows[0].score.ssim == pytest.approx(1)


def test_tiny_images_have_no_ssim(images: Images) -> None:
    found = measure_planes(*images(np.zeros((5, 9)), np.ones((5, 9)), "YX"), (2.0,))
    assert found.total.ssim is None
    assert found.total.psnr == pytest.approx(20 * math.log10(2))


@pytest.mark.parametrize(("after", "decibels"), [(7, math.inf), (8, -math.inf)])
def test_constant_images_are_alike_or_not(images: Images, after: int, decibels: float) -> None:
    pair = images(np.full((20, 20), 7, np.uint16), np.full((20, 20), after, np.uint16), "YX")
    total = measure_planes(*pair, measured_peaks(pair[0])).total
    assert (total.psnr, total.bias) == (decibels, after - 7)


def test_the_peak_of_8_bits_is_255_and_of_others_the_range_of_each_channel(
    images: Images, series: Series
) -> None:
    eight = images(np.zeros((2, 20, 20), np.uint8), np.zeros((2, 20, 20), np.uint8), "CYX")[0]
    assert known_peaks(eight, None) == (255.0, 255.0)
    sixteen = images(*series, "TCYX")[0]
    assert known_peaks(sixteen, None) is None
    ranges = [float(np.ptp(series[0][:, channel])) for channel in (0, 1)]
    assert measured_peaks(sixteen) == tuple(ranges)


def test_only_planes_are_read_of_what_is_lazy(images: Images, series: Series) -> None:
    class Lazy:
        """Counts what is read, and holds nothing whole."""

        def __init__(self, data: NDArray[Any]) -> None:
            self.data, self.largest = data, 0

        @property
        def shape(self) -> tuple[int, ...]:
            return self.data.shape

        @property
        def dtype(self) -> Any:
            return self.data.dtype

        def __getitem__(self, index: Any) -> NDArray[Any]:
            part = self.data[index]
            self.largest = max(self.largest, part.size)
            return part

    from napari_irrm.layers import LayerImage

    before, after = (Lazy(array) for array in series)
    found = measure_planes(
        LayerImage("a", before, "TCYX", before.shape),
        LayerImage("b", after, "TCYX", after.shape),
        (1.0, 1.0),
    )
    assert len(found.rows) == 10
    assert (before.largest, after.largest) == (40 * 48, 40 * 48)
