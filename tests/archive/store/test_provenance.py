"""What an archive file tells of its original."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from irrm_core.archive.catalogue import Entry
from irrm_core.archive.store import Provenance, Store, read_provenance
from irrm_core.errors import NoRecordError, NotRestorableError, UsageError

_parts = st.binary(min_size=1, max_size=20).filter(
    lambda part: not {0, ord("/")} & set(part) and part not in (b".", b"..")
)
_hashes = st.binary(min_size=32, max_size=32).map(bytes.hex)
_whole = st.integers(0, (1 << 63) - 1)
_json = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)
_models = st.none() | st.tuples(st.text(min_size=1), _hashes, st.integers(2, 8))


@st.composite
def provenances(draw: st.DrawFn) -> Provenance:
    model = draw(_models)
    name, weights, scale = model or (None, None, None)
    return Provenance(
        root=draw(st.text(min_size=1)),
        path=b"/".join(draw(st.lists(_parts, min_size=1, max_size=3))),
        version=draw(st.integers(1, 1 << 40)),
        size=draw(_whole),
        mtime_ns=draw(st.integers(-(1 << 63), (1 << 63) - 1)),
        mode=draw(st.integers(0, 0o7777)),
        sha256=draw(_hashes),
        xattrs=draw(st.dictionaries(st.text(), st.binary())),
        archived_at=draw(st.floats(0, 1e11)),
        storage=draw(st.sampled_from(["lr", "exact"])),  # type: ignore[arg-type]
        measured=draw(st.dictionaries(st.text(), _json)),
        model=name,
        weights_hash=weights,
        scale=scale,
    )


PLAIN = Provenance(
    root="photos",
    path=b"2024/a.jpg",
    version=1,
    size=5_000_000,
    mtime_ns=1_700_000_000_123_456_789,
    mode=0o644,
    sha256="ab" * 32,
    archived_at=1_700_000_000.1239,
    storage="lr",  # type: ignore[arg-type]
    model="irrm-fast-x2@1",
    weights_hash="cd" * 32,
    scale=2,
)


@given(known=provenances())
def test_what_is_told_is_what_was_known(known: Provenance) -> None:
    text = json.dumps(known.to_fields(), allow_nan=False)
    assert Provenance.from_fields(json.loads(text)) == known


def test_an_ordinary_record_is_small() -> None:
    assert len(json.dumps(PLAIN.to_fields(), separators=(",", ":"))) < 300


def test_measurements_that_json_does_not_hold_are_refused_at_once() -> None:
    with pytest.raises(UsageError, match="JSON"):
        replace(PLAIN, measured={"psnr": math.inf})


@pytest.mark.parametrize(
    ("key", "value"),
    [("p", "other.jpg"), ("s", 5_000_001), ("a", 1.0), ("h", "A" * 43), ("zz", 1), ("k", "x")],
)
def test_a_record_that_was_changed_is_refused(key: str, value: Any) -> None:
    with pytest.raises(NotRestorableError, match="damaged"):
        Provenance.from_fields({**PLAIN.to_fields(), key: value})


@pytest.mark.parametrize("path", [b"../a", b"/etc/passwd", b"a//b", b"", b"a/..", b"a\0b"])
def test_a_path_that_leads_elsewhere_is_refused(path: bytes) -> None:
    with pytest.raises(NotRestorableError, match="leads out"):
        Provenance.from_fields(replace(PLAIN, path=path).to_fields())


def test_a_newer_record_asks_for_an_update() -> None:
    with pytest.raises(NotRestorableError, match="update napari-irrm"):
        Provenance.from_fields({**PLAIN.to_fields(), "v": 2})


@given(fields=_json | st.dictionaries(st.sampled_from("vrpnsmthxacqwk"), _json))
def test_nonsense_is_refused(fields: object) -> None:
    with pytest.raises(NotRestorableError):
        Provenance.from_fields(fields)


@pytest.mark.parametrize("storage", ["lr", "exact"])
def test_each_class_tells_of_its_original(
    storage: str, archived: Callable[..., Entry], store: Store, picture: Path
) -> None:
    entry = archived(b"deep/\xff\n.bmp", picture, storage, version=3)
    told = read_provenance(store.stored(entry.stored_path or b""))
    assert (told.root, told.path, told.version) == ("photos", b"deep/\xff\n.bmp", 3)
    assert (told.storage, told.sha256, told.size) == (storage, entry.sha256, entry.size)
    assert (told.mtime_ns, told.measured) == (entry.mtime_ns, entry.measured)
    assert (told.model is None) == (storage == "exact")


def test_an_ordinary_picture_tells_nothing(picture: Path) -> None:
    with pytest.raises(NoRecordError, match=r"picture\.bmp"):
        read_provenance(picture)
