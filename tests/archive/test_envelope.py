"""The embedded blob."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irrm_core.archive.envelope import Envelope, pack_side_data, unpack_side_data
from irrm_core.errors import NotRestorableError

FIELDS = {"v": 1, "name": "Grüße\n", "values": [0.1, 2, None]}
ALPHA = np.arange(600, dtype=np.uint16).reshape(20, 30)
ENOUGH = 1_000_000


def test_fields_and_arrays_come_back_as_they_were() -> None:
    blob = Envelope("lr", FIELDS, pack_side_data({"alpha": ALPHA})).to_bytes()
    after = Envelope.from_bytes(blob)
    assert (after.kind, after.fields) == ("lr", FIELDS)
    alpha = unpack_side_data(after.side, max_bytes=ENOUGH)["alpha"]
    assert alpha.dtype == np.uint16
    np.testing.assert_array_equal(alpha, ALPHA)


def test_a_blob_without_side_data_is_one_line_of_plain_json() -> None:
    blob = Envelope("lr", FIELDS, pack_side_data({})).to_bytes()
    assert blob.startswith(b'{"irrm":"lr",')
    assert b"\n" not in blob
    assert unpack_side_data(Envelope.from_bytes(blob).side, max_bytes=0) == {}


def test_the_same_side_data_give_the_same_bytes() -> None:
    assert pack_side_data({"alpha": ALPHA}) == pack_side_data({"alpha": ALPHA.copy()})


def test_side_data_that_would_fill_the_memory_are_refused_unread() -> None:
    side = pack_side_data({"alpha": np.zeros(10_000_000, np.uint8)})
    assert len(side) < 20_000
    with pytest.raises(NotRestorableError, match="claimed"):
        unpack_side_data(side, max_bytes=ENOUGH)


@pytest.mark.parametrize(
    "header", [b"{'descr': ((\n", b"{'descr': '\n", b" {\n  1L\n 2\n", b"\0\n"]
)
def test_damaged_side_data_are_refused_whatever_their_headers_say(header: bytes) -> None:
    side = io.BytesIO()
    with zipfile.ZipFile(side, "w") as members:
        size = len(header).to_bytes(2, "little")
        members.writestr("alpha.npy", b"\x93NUMPY\x01\x00" + size + header)
    with pytest.raises(NotRestorableError, match="damaged"):
        unpack_side_data(side.getvalue(), max_bytes=ENOUGH)


@given(st.data())
def test_damaged_bytes_are_refused_or_read_but_break_nothing_else(data: st.DataObject) -> None:
    blob = bytearray(Envelope("lr", FIELDS, pack_side_data({"alpha": ALPHA})).to_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        blob[data.draw(st.integers(0, len(blob) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(blob)))
    try:
        envelope = Envelope.from_bytes(bytes(blob[:cut]))
        unpack_side_data(envelope.side, max_bytes=ENOUGH)
    except NotRestorableError as error:
        assert "damaged" in str(error)


@pytest.mark.parametrize("blob", [b"", b"[1]", b'"text"', b"{}", b"[" * 100_000, b"\xff"])
def test_what_is_no_record_is_refused(blob: bytes) -> None:
    with pytest.raises(NotRestorableError, match="damaged"):
        Envelope.from_bytes(blob)
