"""Damaged, excluded, and our own files: each is kept for a reason, none stops anything."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from irrm_core.archive import RescalerPool, downscale_file, restore_file
from irrm_core.archive.catalogue.states import StorageClass
from irrm_core.archive.classes import Kept, Rule, Stored, commit, exclusion, neighbours
from irrm_core.archive.gate import Floors
from irrm_core.archive.store import Store
from irrm_core.imagefile import write_image

Pixels = Callable[..., NDArray[Any]]
Storing = Callable[..., Stored | Kept]
Left = Callable[[], list[str]]
NO_FLOORS = Floors(psnr=None, ssim=None)
LR_ONLY = Rule(floors=NO_FLOORS, classes=frozenset({StorageClass.lr}))
ANY = Rule(floors=NO_FLOORS, minimum_saving=0)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (b"a/IMG_1.CR3", "RAW"),
        (b"b.nef", "RAW"),
        (b"slide.mrxs", "MIRAX"),
        (b"slide/Slidedat.ini", "MIRAX"),
        (b"scan.vsi", "Olympus"),
        (b"_scan_/stack1/frame_t_0.ets", "Olympus"),
        (b"plate.xdce", "IN Cell"),
        (b"x.companion.ome", "OME"),
        (b"a.zarr/0/0.0.0", "Zarr"),
        (b"a.zarr/s.png", "Zarr"),
        (b"photo.xmp", "sidecar"),
        (b"DICOMDIR", "DICOM"),
        (b"\xff.dng", "RAW"),
    ],
)
def test_raw_files_parts_and_sidecars_are_excluded(path: bytes, said: str) -> None:
    assert said in (exclusion(path) or "")


@pytest.mark.parametrize("path", [b"a.tif", b"b.JPG", b"c.png", b"mdb/a.lsm", b"raw/a.png", b""])
def test_ordinary_files_are_not(path: bytes) -> None:
    assert exclusion(path) is None


def test_a_head_makes_parts_of_the_files_beside_it(tmp_path: Path) -> None:
    for name in ("a.lsm", "well A01.tif", "b.png"):
        (tmp_path / name).touch()
    assert exclusion(b"a.lsm", neighbours(tmp_path)) is None
    (tmp_path / "Plate.XDCE").touch()
    (tmp_path / "all.mdb").touch()
    assert "all.mdb" in (exclusion(b"a.lsm", neighbours(tmp_path)) or "")
    assert "Plate.XDCE" in (exclusion(b"well A01.tif", neighbours(tmp_path)) or "")
    assert exclusion(b"b.png", neighbours(tmp_path)) is None
    assert list(neighbours(tmp_path / "missing")) == []


def test_an_excluded_file_is_taken_exactly_where_a_rule_asks(
    tmp_path: Path, storing: Storing
) -> None:
    raw = tmp_path / "a.nef"
    raw.write_bytes(b"II*\0" + bytes(4000))
    assert storing(raw) == Kept("excluded: is a RAW file of a camera")
    stored = storing(raw, Rule(special=True))
    assert isinstance(stored, Stored)
    assert stored.provenance.storage is StorageClass.exact


def test_what_we_made_is_not_taken_again(
    tmp_path: Path, pixels: Pixels, storing: Storing, pool: RescalerPool
) -> None:
    source = tmp_path / "a.bmp"
    write_image(source, pixels(64, 64, 3))
    lr = downscale_file(source, tmp_path / "b.png", pool).target
    assert storing(lr) == Kept("already ours: an LR file already")
    for name in ("c.png", "c.tif", "c.jpg", "c.webp"):
        restored = restore_file(lr, tmp_path / name, pool).target
        assert storing(restored) == Kept("already ours: a restoration, not an original")
    exact = Rule(classes=frozenset({StorageClass.exact}), minimum_saving=0)
    stored = storing(source, exact)
    assert isinstance(stored, Stored)
    commit(stored)
    assert storing(stored.target) == Kept("already ours: a file of a store")


def _bomb() -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + crc

    head = struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)
    rows = chunk(b"IDAT", zlib.compress(bytes(1 << 20)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + rows + chunk(b"IEND", b"")


def _damaged(tmp_path: Path, pixels: Pixels) -> dict[str, bytes]:
    png, tif, jpg = tmp_path / "x.png", tmp_path / "x.tif", tmp_path / "x.jpg"
    image = pixels(64, 64, 3)
    write_image(png, image)
    write_image(tif, image)
    write_image(jpg, image)
    cut, flipped = png.read_bytes(), bytearray(png.read_bytes())
    flipped[len(flipped) // 2] ^= 0x10
    return {
        "cut.png": cut[: len(cut) // 2],
        "cut.tif": tif.read_bytes()[:-500],
        "cut.jpg": jpg.read_bytes()[: len(jpg.read_bytes()) // 2],
        "flipped.png": bytes(flipped),
        "text.jpg": b"no picture at all\n" * 20,
        "bomb.png": _bomb(),
        "zeros.tif": bytes(3000),
        "one.png": b"\x89",
    }


def test_damaged_images_are_kept_or_stored_as_the_bytes_that_they_are(
    tmp_path: Path,
    pixels: Pixels,
    storing: Storing,
    store: Store,
    left: Left,
) -> None:
    for name, content in _damaged(tmp_path, pixels).items():
        path = tmp_path / f"bad {name}"
        path.write_bytes(content)
        kept = storing(path, LR_ONLY)
        assert isinstance(kept, Kept), name
        assert ".spool" not in kept.reason
        assert str(store.path) not in kept.reason
        assert len(kept.reason) > len("lr: ; exact: the rule does not allow it"), name
        stored = storing(path, ANY)
        if isinstance(stored, Stored):
            assert stored.provenance.storage is StorageClass.exact, name
            stored.temporary.unlink()
    assert left() == []


def test_an_empty_file_is_kept(tmp_path: Path, storing: Storing) -> None:
    (tmp_path / "a.png").touch()
    assert storing(tmp_path / "a.png") == Kept("is empty")


def test_an_image_with_a_wrong_suffix_is_what_it_is(
    tmp_path: Path, pixels: Pixels, storing: Storing
) -> None:
    write_image(tmp_path / "a.bmp", pixels(64, 64, 3))
    wrong = (tmp_path / "a.bmp").rename(tmp_path / "a.jpg")
    stored = storing(wrong, LR_ONLY)
    assert isinstance(stored, Stored)
    assert stored.target.name == "a.jpg.irrm.png"


def test_an_image_too_small_to_be_judged_is_not_downscaled(
    tmp_path: Path, pixels: Pixels, storing: Storing
) -> None:
    write_image(tmp_path / "a.png", pixels(10, 300))
    kept = storing(tmp_path / "a.png", LR_ONLY)
    assert isinstance(kept, Kept)
    assert "300x10 pixels" in kept.reason


def test_a_file_of_several_pictures_is_not_made_one(
    tmp_path: Path, pixels: Pixels, photo: Path, storing: Storing
) -> None:
    one, other = (Image.fromarray(pixels(n, n, 3)) for n in (64, 80))
    one.save(tmp_path / "two.jpg", format="MPO", save_all=True, append_images=[other])
    one.save(tmp_path / "two.gif", save_all=True, append_images=[one.rotate(90)])
    with tifffile.TiffWriter(tmp_path / "two.tif") as tiff:
        tiff.write(pixels(64, 64))
        tiff.write(pixels(80, 80))
    (tmp_path / "video.jpg").write_bytes(photo.read_bytes() + b"\0\0\0\x18ftypmp42" * 20)
    for name in ("two.jpg", "two.gif", "two.tif", "video.jpg"):
        kept = storing(tmp_path / name, LR_ONLY)
        assert isinstance(kept, Kept), name
        assert any(word in kept.reason for word in ("picture", "frames", "images")), name
    padded = tmp_path / "padded.jpg"
    padded.write_bytes(photo.read_bytes() + bytes(500))
    kept = storing(padded, LR_ONLY)
    assert not isinstance(kept, Kept) or "bytes of" in kept.reason or "would" in kept.reason


def test_one_file_of_an_ome_acquisition_is_left_with_the_others(
    tmp_path: Path, pixels: Pixels, storing: Storing
) -> None:
    def xml(*names: str) -> str:
        data = "".join(
            f'<TiffData IFD="0" FirstT="{t}"><UUID FileName="{name}">urn:uuid:{t}</UUID></TiffData>'
            for t, name in enumerate(names)
        )
        return (
            '<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">'
            '<Image ID="Image:0"><Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint8" '
            f'SizeX="64" SizeY="64" SizeZ="1" SizeC="1" SizeT="{len(names)}">'
            f'<Channel ID="Channel:0:0" SamplesPerPixel="1"/>{data}</Pixels></Image></OME>'
        )

    path = tmp_path / "t0.ome.tif"
    tifffile.imwrite(
        path, pixels(64, 64), description=xml("t0.ome.tif", "t1.ome.tif"), metadata=None
    )
    assert storing(path) == Kept("excluded: is one of 2 files of an acquisition (OME-TIFF)")
    tifffile.imwrite(path, pixels(64, 64), description=xml("t0.ome.tif"), metadata=None)
    assert isinstance(storing(path), Stored)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_no_damage_to_an_image_is_an_exception(
    tmp_path: Path, pixels: Pixels, storing: Storing, data: st.DataObject
) -> None:
    suffix = data.draw(st.sampled_from([".png", ".jpg", ".tif", ".webp", ".bmp"]))
    path = tmp_path / f"any{suffix}"
    write_image(path, pixels(32, 32, 3), overwrite=True)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(1, len(content)))])
    result = storing(path, LR_ONLY)
    if isinstance(result, Stored):
        result.temporary.unlink()
    else:
        assert ".spool" not in result.reason
