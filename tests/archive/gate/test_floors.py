"""Floors, deliveries and reports, as values."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from irrm_core.archive.gate import ChannelQuality, Delivery, Floors, GateReport
from irrm_core.archive.gate.comparing import compare_plane
from irrm_core.archive.gate.report import missed
from irrm_core.errors import UsageError

UNIT = st.floats(0, 1)
CHANNELS = st.builds(
    ChannelQuality,
    psnr=st.floats(-99.99, 99.99),
    ssim=st.none() | st.floats(-1, 1),
    max_error=UNIT,
    bias=st.floats(-1, 1),
)
FLOORS = st.builds(
    Floors, st.none() | st.floats(0, 99), st.none() | UNIT, st.none() | UNIT, st.none() | UNIT
)


@pytest.mark.parametrize(
    "values", [{"psnr": -1}, {"ssim": 1.1}, {"max_error": math.nan}, {"bias": math.inf}]
)
def test_floors_that_mean_nothing_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(UsageError, match=next(iter(values))):
        Floors(**values)


@pytest.mark.parametrize("text", ["png", "jpeg:", "jpeg:0", "jpeg:101", "jpeg:9.5", "lossless:3"])
def test_deliveries_that_nobody_knows_are_refused(text: str) -> None:
    with pytest.raises(UsageError):
        Delivery.parse(text)


@pytest.mark.parametrize("text", ["lossless", "jpeg:92", "jpeg:1"])
def test_a_delivery_says_how_it_was_written(text: str) -> None:
    assert str(Delivery.parse(text)) == text


@given(st.lists(CHANNELS, min_size=1, max_size=4), FLOORS)
def test_lowering_a_floor_never_fails_what_passed(
    channels: list[ChannelQuality], floors: Floors
) -> None:
    failures = missed(tuple(channels), floors)
    lower = Floors(
        None if floors.psnr is None else floors.psnr / 2,
        None if floors.ssim is None else floors.ssim / 2,
        None,
        floors.bias,
    )
    assert len(missed(tuple(channels), lower)) <= len(failures)
    assert not missed(tuple(channels), Floors(None, None))


@given(st.lists(CHANNELS, min_size=1, max_size=4))
def test_one_channel_below_the_floor_is_enough(channels: list[ChannelQuality]) -> None:
    lowest = min(channel.psnr for channel in channels)
    assert bool(missed(tuple(channels), Floors(40, None))) == (lowest < 40)


def test_no_number_misses_every_floor() -> None:
    nan = ChannelQuality(math.nan, math.nan, math.nan, math.nan)
    assert len(missed((nan,), Floors(0, 0, 1, 1))) == 4


@given(st.lists(CHANNELS, min_size=1, max_size=4), st.integers(1, 9), FLOORS)
def test_a_report_comes_back_from_json(
    channels: list[ChannelQuality], planes: int, floors: Floors
) -> None:
    report = GateReport(
        tuple(channels), planes, "jpeg:92", "fp32", 1234, missed(tuple(channels), floors)
    )
    assert GateReport.from_json(json.loads(json.dumps(report.to_json(), allow_nan=False))) == report


@given(
    arrays(np.uint8, (12, 13), elements=st.integers(0, 255)),
    arrays(np.uint8, (12, 13), elements=st.integers(0, 255)),
)
def test_a_plane_is_measured_by_the_definitions(truth: np.ndarray, restored: np.ndarray) -> None:
    found = compare_plane(truth, restored, 0, 255)
    error = restored.astype(float) - truth
    mse = (error**2).mean()
    expected = 99.99 if not mse else min(10 * math.log10(255**2 / mse), 99.99)
    assert found.psnr == pytest.approx(expected, abs=1e-3)
    assert found.max_error == pytest.approx(abs(error).max() / 255, abs=1e-6)
    assert found.bias == pytest.approx(error.mean() / 255, abs=1e-6)
    assert (found.ssim == 1.0) == (mse == 0) or (found.ssim is not None and found.ssim > 0.99999)
