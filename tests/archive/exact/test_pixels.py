"""Only where a rule says so: the pixels come back, in another file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

from irrm_core.archive.exact import ExactForm, decode_exact
from irrm_core.archive.store import read_provenance
from irrm_core.imagefile import read_image

Pixels = Callable[..., NDArray[Any]]
Exactly = Callable[..., tuple[Path, ExactForm]]


def back(archive: Path, name: str) -> Path:
    path = archive.with_name(f"back-{name}")
    with path.open("wb") as target:
        decode_exact(archive, target)
    return path


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
@pytest.mark.parametrize("shape", [(90, 110), (90, 110, 3), (90, 110, 4)])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_the_pixels_of_a_png_or_tiff_come_back(
    name: str, shape: tuple[int, ...], dtype: str, tmp_path: Path, pixels: Pixels, exactly: Exactly
) -> None:
    from irrm_core.imagefile import write_image

    source = tmp_path / name
    write_image(source, pixels(*shape, dtype=dtype), compression=None)
    archive, form = exactly(source, pixels=True)
    restored = back(archive, name)
    assert np.array_equal(read_image(restored)[0], read_image(source)[0])
    assert read_image(restored)[1].format == read_image(source)[1].format
    if form == ExactForm.zstd:
        assert restored.read_bytes() == source.read_bytes()
    assert read_provenance(archive).measured == {"form": form}


def test_uncompressed_pixels_are_stored_as_pixels(
    tmp_path: Path, pixels: Pixels, exactly: Exactly
) -> None:
    source = tmp_path / "a.tif"
    tifffile.imwrite(source, pixels(200, 200), resolution=(300, 300))
    archive, form = exactly(source, pixels=True)
    plain, _ = exactly(source.rename(tmp_path / "b.tif"))
    assert form == ExactForm.jxl_pixels
    assert archive.stat().st_size < plain.stat().st_size


def test_profile_and_resolution_come_back_with_the_pixels(
    tmp_path: Path, pixels: Pixels, exactly: Exactly
) -> None:
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    source = tmp_path / "a.png"
    Image.fromarray(pixels(300, 200, 3)).save(source, dpi=(300, 300), icc_profile=profile)
    archive, form = exactly(source, pixels=True)
    assert form == ExactForm.jxl_pixels
    with Image.open(back(archive, "a.png")) as restored:
        assert restored.info["icc_profile"] == profile
        assert restored.info["dpi"] == pytest.approx((300, 300), abs=0.1)


@pytest.mark.parametrize("name", ["stack.tif", "floats.tif", "picture.bmp"])
def test_what_jpeg_xl_does_not_hold_comes_back_byte_for_byte(
    name: str, tmp_path: Path, pixels: Pixels, exactly: Exactly
) -> None:
    source = tmp_path / name
    if name == "stack.tif":
        tifffile.imwrite(source, pixels(5, 40, 40), metadata={"axes": "ZYX"})
    elif name == "floats.tif":
        tifffile.imwrite(source, pixels(40, 40, dtype="float32"))
    else:
        Image.fromarray(pixels(40, 40)).save(source)
    archive, form = exactly(source, pixels=True)
    assert form == ExactForm.zstd
    assert back(archive, name).read_bytes() == source.read_bytes()
