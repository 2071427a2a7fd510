"""Errors of restored intensities, in the units of the data."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from irrm_core.errors import ImageDataError
from irrm_core.metrics import IntensityComparison, compare_intensities, psnr

RNG = np.random.default_rng(2)
PLANES = hnp.arrays(np.uint16, hnp.array_shapes(min_dims=2, max_dims=3, max_side=30))


def test_a_shifted_image_has_the_shift_as_bias_and_as_every_error() -> None:
    x = RNG.integers(100, 4000, (40, 50), dtype=np.uint16)
    report = compare_intensities(x, x - 7, peak=3900)
    assert (report.bias, report.error_p999, report.error_max) == (-7, 7, 7)
    assert report.psnr == pytest.approx(20 * np.log10(3900 / 7))
    assert (report.peak, report.pixels) == (3900, 2000)


def test_one_pixel_in_a_thousand_is_beyond_the_percentile_but_is_the_largest_error() -> None:
    x = np.zeros(2000, np.uint16)
    y = x.copy()
    y[:2] = 60000
    report = compare_intensities(x, y, peak=65535)
    assert (report.error_p999, report.error_max) == (0, 60000)
    y[2] = 50000
    assert compare_intensities(x, y, peak=65535).error_p999 == 50000


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_integers_are_measured_exactly(data: st.DataObject) -> None:
    x = data.draw(PLANES)
    y = data.draw(hnp.arrays(np.uint16, x.shape))
    report = compare_intensities(x, y, peak=65535)
    error = y.astype(np.int64) - x
    assert report.bias == pytest.approx(error.mean(), abs=1e-9)
    assert report.error_max == np.abs(error).max()
    assert report.error_p999 == np.percentile(np.abs(error), 99.9, method="inverted_cdf")
    assert report.psnr == pytest.approx(psnr(x, y, peak=65535), abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**31), st.floats(1e-6, 1e6), st.floats(1e-7, 10))
def test_of_real_values_the_percentile_is_never_understated(
    seed: int, peak: float, noise: float
) -> None:
    rng = np.random.default_rng(seed)
    x = rng.random((60, 40)) * peak
    y = x + rng.normal(0, noise * peak, x.shape)
    report = compare_intensities(x, y, peak=peak)
    exact = np.percentile(np.abs(y - x), 99.9, method="inverted_cdf")
    assert report.error_p999 >= exact
    assert report.error_max == np.abs(y - x).max()
    if exact < peak:
        assert report.error_p999 - exact <= peak * 1e-6


@settings(max_examples=30, deadline=None)
@given(PLANES, st.integers(0, 2**31))
def test_plane_by_plane_and_at_once_agree(x: np.ndarray, seed: int) -> None:
    y = np.random.default_rng(seed).integers(0, 65536, x.shape).astype(np.uint16)
    stream = IntensityComparison(1000, integer=True)
    for plane, restored in zip(x, y, strict=True):
        stream.add(plane, restored)
    streamed, whole = stream.report(), compare_intensities(x, y, peak=1000)
    assert streamed.psnr == pytest.approx(whole.psnr)
    assert streamed.bias == pytest.approx(whole.bias, abs=1e-9)
    assert (streamed.error_p999, streamed.error_max) == (whole.error_p999, whole.error_max)


def test_a_constant_channel_restored_exactly_is_perfect_and_otherwise_hopeless() -> None:
    x = np.full((5, 5), 300.0)
    assert compare_intensities(x, x, peak=0).psnr == np.inf
    wrong = compare_intensities(x, x + 2.0, peak=0)
    assert (wrong.psnr, wrong.bias, wrong.error_p999) == (-np.inf, 2, 2)


def test_values_that_are_not_finite_are_refused() -> None:
    x = np.array([1.0, np.nan])
    with pytest.raises(ImageDataError, match="not finite"):
        compare_intensities(x, x, peak=1)


@pytest.mark.parametrize("peak", [-1.0, np.inf, np.nan])
def test_a_peak_that_is_no_range_is_refused(peak: float) -> None:
    with pytest.raises(ImageDataError, match="peak"):
        IntensityComparison(peak, integer=True)


def test_a_report_of_nothing_is_refused() -> None:
    with pytest.raises(ImageDataError, match="at least one plane"):
        IntensityComparison(1, integer=True).report()
