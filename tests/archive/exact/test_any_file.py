"""Files of any kind come back byte for byte, and nothing else ever does."""

from __future__ import annotations

import hashlib
import io
import shutil
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from irrm_core.archive.exact import ExactForm, decode_exact, encode_exact
from irrm_core.archive.store import Provenance, read_provenance
from irrm_core.errors import (
    Cancelled,
    ImageFileError,
    NoRecordError,
    NotRestorableError,
    SourceChangedError,
    UsageError,
)
from irrm_core.progress import Cancel

Exactly = Callable[..., tuple[Path, ExactForm]]
Known = Callable[..., Provenance]


def back(archive: Path) -> bytes:
    content = io.BytesIO()
    decode_exact(archive, content)
    return content.getvalue()


def put(folder: Path, content: bytes) -> Path:
    path = folder / "file"
    path.write_bytes(content)
    return path


@given(content=st.binary(max_size=3000))
@settings(max_examples=40, deadline=None)
def test_any_bytes_come_back(
    exactly: Exactly, content: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    archive, form = exactly(put(tmp_path_factory.getbasetemp(), content))
    assert form == ExactForm.zstd
    assert back(archive) == content


def test_a_large_file_takes_little_memory(
    tmp_path: Path, exactly: Exactly, provenance: Known
) -> None:
    source = tmp_path / "large"
    with source.open("wb") as stream:
        for number in range(48):
            stream.write(hashlib.sha256(bytes([number])).digest() * (1 << 15))
    known = provenance(source)
    archive = tmp_path / "archive"
    tracemalloc.start()
    try:
        with archive.open("w+b") as target:
            encode_exact(source, target, known)
        with (tmp_path / "back").open("wb") as target:
            decode_exact(archive, target)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < source.stat().st_size / 4
    assert (tmp_path / "back").read_bytes() == source.read_bytes()


def test_the_record_is_read_without_decoding(
    tmp_path: Path, provenance: Known, exactly: Exactly
) -> None:
    source = put(tmp_path, b"content" * 1000)
    archive, form = exactly(source)
    archive.write_bytes(archive.read_bytes()[:600])
    told = read_provenance(archive)
    assert told.measured == {"form": form}
    assert told.sha256 == provenance(source).sha256


def test_other_software_decodes_what_zstd_holds(tmp_path: Path, exactly: Exactly) -> None:
    program = shutil.which("zstd")
    if program is None:
        pytest.skip("needs the program zstd")
    source = put(tmp_path, b"content" * 1000)
    archive, _ = exactly(source)
    run = subprocess.run([program, "-dc", str(archive)], capture_output=True, check=True)
    assert run.stdout == source.read_bytes()


def test_a_file_that_is_not_the_one_that_was_hashed_is_refused(
    tmp_path: Path, provenance: Known
) -> None:
    source = put(tmp_path, b"before")
    known = provenance(source)
    source.write_bytes(b"after!")
    with pytest.raises(SourceChangedError, match="not the file that was hashed"):
        encode_exact(source, io.BytesIO(), known)


def test_an_ordinary_file_is_no_exact_file(tmp_path: Path, pixels: Callable[..., Any]) -> None:
    Image.fromarray(pixels(20, 20)).save(tmp_path / "a.png")
    with pytest.raises(NoRecordError, match=r"a\.png"):
        decode_exact(tmp_path / "a.png")
    with pytest.raises(ImageFileError, match="cannot be read"):
        decode_exact(tmp_path / "missing")


def test_a_missing_codec_is_named_with_its_extra(
    tmp_path: Path, photo: Path, exactly: Exactly, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive, _ = exactly(photo)
    monkeypatch.setitem(sys.modules, "imagecodecs", None)
    for act in (lambda: decode_exact(archive), lambda: exactly(photo)):
        with pytest.raises(UsageError, match=r"imagecodecs.*napari-irrm\[codecs\]"):
            act()
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(UsageError, match=r"zstandard.*napari-irrm\[codecs\]"):
        exactly(put(tmp_path, b"anything"))


def test_storing_can_be_cancelled(tmp_path: Path, provenance: Known) -> None:
    source, cancel = put(tmp_path, b"content"), Cancel()
    cancel.cancel()
    with pytest.raises(Cancelled):
        encode_exact(source, io.BytesIO(), provenance(source), cancel=cancel)


@pytest.fixture(scope="module")
def archived(
    exactly: Exactly, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[ExactForm, tuple[bytes, bytes]]:
    """An archive file of each form, and what it restores to."""
    folder = tmp_path_factory.mktemp("archived")
    y, x = np.indices((90, 120))
    image: NDArray[Any] = (128 + 90 * np.sin(x / 6) * np.cos(y / 9)).astype(np.uint8)
    image += np.random.default_rng(3).integers(0, 9, image.shape, dtype=np.uint8)
    made = {}
    for name in ("a.jpg", "a.tif", "a.bmp"):
        Image.fromarray(image).save(folder / name, quality=95)
        archive, form = exactly(folder / name, pixels=name == "a.tif")
        made[form] = archive.read_bytes(), back(archive)
    assert made.keys() == set(ExactForm), made.keys()
    return made


@pytest.mark.parametrize("form", ExactForm)
@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_damage_is_an_error_or_does_no_harm(
    archived: Mapping[ExactForm, tuple[bytes, bytes]],
    form: ExactForm,
    data: st.DataObject,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    content, original = archived[form]
    at = data.draw(st.integers(0, len(content) - 1), "at")
    damaged = data.draw(
        st.sampled_from(
            [
                content[:at],
                content + content[at:],
                content[:at] + content[at + 1 :],
                content[:at] + b"\0" * len(content[at : at + 64]) + content[at + 64 :],
            ]
        )
        | st.integers(1, 255).map(
            lambda bits: content[:at] + bytes([content[at] ^ bits]) + content[at + 1 :]
        ),
        "damaged",
    )
    path = tmp_path_factory.getbasetemp() / "damaged"
    path.write_bytes(damaged)
    restored = io.BytesIO()
    try:
        told = decode_exact(path, restored)
    except NotRestorableError as error:
        assert str(path) in str(error)
    else:
        assert restored.getvalue() == original
        assert told.path.startswith(b"a.")
