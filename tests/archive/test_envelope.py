"""The embedded blob."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irrm_core.archive.envelope import Envelope
from irrm_core.errors import NotRestorableError

FIELDS = {"v": 1, "name": "Grüße\n", "values": [0.1, 2, None]}


def _with_side_data() -> Envelope:
    alpha = np.arange(600, dtype=np.uint16).reshape(20, 30)
    return Envelope("lr", FIELDS, {"alpha": alpha})


def test_fields_and_arrays_come_back_as_they_were() -> None:
    before = _with_side_data()
    after = Envelope.from_bytes(before.to_bytes())
    assert (after.kind, after.fields) == ("lr", FIELDS)
    assert after.arrays["alpha"].dtype == np.uint16
    np.testing.assert_array_equal(after.arrays["alpha"], before.arrays["alpha"])


def test_a_blob_without_arrays_is_one_line_of_plain_json() -> None:
    blob = Envelope("lr", FIELDS).to_bytes()
    assert blob.startswith(b'{"irrm":"lr",')
    assert b"\n" not in blob


def test_the_same_content_gives_the_same_bytes() -> None:
    assert _with_side_data().to_bytes() == _with_side_data().to_bytes()


def test_side_data_that_would_fill_the_memory_are_refused_unread() -> None:
    blob = Envelope("lr", {}, {"alpha": np.zeros(10_000_000, np.uint8)}).to_bytes()
    assert len(blob) < 20_000
    with pytest.raises(NotRestorableError, match="more than"):
        Envelope.from_bytes(blob, max_side_bytes=1_000_000)


@given(st.data())
def test_a_damaged_blob_is_refused_or_read_but_never_breaks_anything_else(
    data: st.DataObject,
) -> None:
    blob = bytearray(_with_side_data().to_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        blob[data.draw(st.integers(0, len(blob) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(blob)))
    try:
        Envelope.from_bytes(bytes(blob[:cut]))
    except NotRestorableError as error:
        assert "damaged" in str(error)
