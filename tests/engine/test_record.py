"""The restore record is small, complete, and believes nothing."""

from __future__ import annotations

import copy
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irrm_core.engine import IntensityMapping, RestoreRecord
from irrm_core.errors import NotRestorableError

PHOTO = RestoreRecord(
    model="irrm-fast-x4@1",
    weights_hash="ab" * 32,
    scale=4,
    hr_shape=(4321, 6543, 3),
    axes="YXS",
    dtype="uint8",
    lr_hash="cd" * 32,
    digest=bytes(range(96)),
    quality={"psnr": 33.5123, "ssim_y": 0.9191},
    source_hash="ef" * 32,
    source_size=12_345_678,
)

STACK = RestoreRecord(
    model="irrm-fast-gray-x2@3",
    weights_hash="01" * 32,
    scale=2,
    hr_shape=(200, 3, 1025, 1023),
    axes="TCYX",
    dtype="float64",
    lr_hash="23" * 32,
    mappings=tuple(IntensityMapping(-1 / 3 * n, 1e5 / 7 + n) for n in range(3)),
    latent_std=0.5,
    seed=2**64 - 1,
    side_hash="45" * 32,
    digest=bytes(32),
)


@pytest.mark.parametrize("record", [PHOTO, STACK])
def test_a_record_comes_back_from_its_bytes_and_takes_under_600(record: RestoreRecord) -> None:
    assert RestoreRecord.from_bytes(record.to_bytes()) == record
    assert len(record.to_bytes()) < 600


def test_a_record_tells_shape_and_padding_of_its_lr() -> None:
    assert PHOTO.lr_shape == (1081, 1636, 3)
    assert PHOTO.padding == (3, 1)
    assert STACK.lr_shape == (200, 3, 513, 512)
    assert (PHOTO.lr_dtype, STACK.lr_dtype) == ("uint8", "uint16")


def test_ranges_survive_to_the_last_bit() -> None:
    low, high = float(np.float32(0.1)), np.nextafter(1e9, 2e9).item()
    record = (
        copy.replace(STACK, mappings=(IntensityMapping(low, high),) * 3)
        if hasattr(copy, "replace")
        else RestoreRecord(**{**STACK.__dict__, "mappings": (IntensityMapping(low, high),) * 3})
    )
    assert RestoreRecord.from_bytes(record.to_bytes()).mappings[0] == IntensityMapping(low, high)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("v", 0),
        ("v", "1"),
        ("m", 7),
        ("m", "x" * 1000),
        ("m", "a\nb"),
        ("w", "short"),
        ("w", "!" * 43),
        ("s", 1),
        ("s", True),
        ("s", 10**9),
        ("h", [4321, 6543]),
        ("h", [0, 6543, 3]),
        ("h", [-1, 6543, 3]),
        ("h", [2**40, 6543, 3]),
        ("h", [4321, 6543, 9]),
        ("h", "4321"),
        ("a", "YXQ"),
        ("a", "XYS"),
        ("a", "YYS"),
        ("t", "object"),
        ("t", "int16"),
        ("p", None),
        ("p", ["a"]),
        ("g", 1),
        ("g", 2),
        ("r", [[0, 1]]),
        ("z", [1]),
        ("z", [float("nan"), 0]),
        ("z", [1e9, 0]),
        ("z", [1, -1]),
        ("A", "opaque"),
        ("A", 256),
        ("A", 0.5),
        ("d", "?"),
        ("q", [1]),
        ("q", {"psnr": "high"}),
        ("o", ["x", 1]),
        ("o", [1, 2, 3]),
    ],
)
def test_a_wrong_value_is_refused(key: str, value: Any) -> None:
    with pytest.raises(NotRestorableError, match="damaged"):
        RestoreRecord.from_dict({**PHOTO.to_dict(), key: value})


@pytest.mark.parametrize(
    "pairs",
    [[], [[0, 1]], [[1, 0]] * 3, [[0, 1, 2]] * 3, [[float("inf"), 1]] * 3, [["0", 1]] * 3, [0] * 3],
)
def test_wrong_intensity_mappings_are_refused(pairs: Any) -> None:
    with pytest.raises(NotRestorableError):
        RestoreRecord.from_dict({**STACK.to_dict(), "r": pairs})


@pytest.mark.parametrize("key", ["v", "m", "w", "s", "h", "a", "t", "p"])
def test_a_missing_value_is_refused(key: str) -> None:
    packed = PHOTO.to_dict()
    del packed[key]
    with pytest.raises(NotRestorableError, match=f"{key} is missing"):
        RestoreRecord.from_dict(packed)


def test_a_record_of_a_later_format_says_so() -> None:
    with pytest.raises(NotRestorableError, match="update"):
        RestoreRecord.from_dict({**PHOTO.to_dict(), "v": 2})


def test_unknown_keys_are_let_pass() -> None:
    assert RestoreRecord.from_dict({**PHOTO.to_dict(), "new": 1}) == PHOTO


@given(st.binary(max_size=300))
def test_bytes_that_are_no_record_are_refused(content: bytes) -> None:
    with pytest.raises(NotRestorableError):
        RestoreRecord.from_bytes(content)


@given(st.data())
def test_a_damaged_record_is_refused_or_still_a_record(data: st.DataObject) -> None:
    content = bytearray(STACK.to_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    try:
        record = RestoreRecord.from_bytes(bytes(content))
    except NotRestorableError:
        return
    assert json.loads(record.to_bytes())["v"] == 1


def test_deeply_nested_json_is_refused() -> None:
    with pytest.raises(NotRestorableError):
        RestoreRecord.from_bytes(b"[" * 100_000)
