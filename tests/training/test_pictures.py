"""What training is fed: the values that the engine would feed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from irrm_core.archive import lr_name, restored_name
from irrm_core.engine import Rescaler
from irrm_core.errors import ImageFileError, UsageError
from irrm_core.imagefile import write_image
from irrm_core.training.files import survey
from irrm_core.training.patches import PatchSource
from irrm_core.training.pictures import load_pictures
from irrm_core.training.recipe import DataRecipe

Pixels = Callable[..., NDArray[Any]]
STEP = 1 / 65535


@pytest.mark.parametrize("dtype", ["uint16", "int16", "float32"])
def test_every_plane_of_every_channel_is_mapped_as_the_engine_maps_it(
    dtype: str, tmp_path: Path, pixels: Pixels, default_models: Path
) -> None:
    unit = pixels(40, 48, dtype="uint16") / 65535
    stack = np.stack([unit * gain + offset for gain, offset in ((900, 100), (90, 7), (300, 0))])
    stack = np.stack([stack, stack * 0.7]).astype(dtype)
    stack[0, 1, 5, 6] = 30_000  # a hot pixel
    write_image(tmp_path / "stack.ome.tif", stack, axes="ZCYX", format="ome-tiff")
    pictures = load_pictures(tmp_path, channels=1).pictures
    record = Rescaler("irrm-fast-gray-x2", device="cpu").downscale(stack, axes="ZCYX").record
    assert len(pictures) == 6
    for picture, plane in zip(pictures, np.ndindex(2, 3), strict=True):
        mapping = record.mappings[plane[1]]
        inside = stack[plane] <= mapping.high
        expected = mapping.to_unit(stack[plane])
        got = picture.unit()[:, :, 0]
        assert np.abs(got - expected)[inside].max() < STEP
        assert picture.levels == 65535
        # What is not mapped is filled from around, as it is when the image is downscaled.
        assert np.abs(got - expected)[~inside].size == (plane == (0, 1))
        assert got.max() < 1 - 0.015


def test_colours_become_luma_for_one_channel_and_gray_is_tripled_for_three(
    tmp_path: Path, pixels: Pixels
) -> None:
    colours = pixels(40, 48, 3, dtype="uint16")
    write_image(tmp_path / "deep.tif", colours)
    Image.fromarray((colours >> 8).astype(np.uint8)).save(tmp_path / "flat.png")
    Image.fromarray((colours[..., 0] >> 8).astype(np.uint8)).save(tmp_path / "gray.png")
    deep, flat, gray = load_pictures(tmp_path, channels=1).pictures
    assert [p.pixels.shape for p in (deep, flat, gray)] == [(40, 48, 1)] * 3
    low, high = float(colours.min()), float(colours.max())
    luma = colours @ np.array([0.299, 0.587, 0.114])
    assert np.abs(deep.unit()[..., 0] - (0.02 + 0.96 * (luma - low) / (high - low))).max() < 1e-4
    assert np.abs(flat.unit()[..., 0] * 255 - luma / 257).max() < 2
    recipe = DataRecipe(patch=32, batch=8, copies=(1.0, 0.8))
    batch = PatchSource(tmp_path, recipe, channels=3, scale=2).batch(0)
    assert batch.hr.shape == (8, 3, 32, 32)
    tripled = (batch.hr[:, :1] == batch.hr).all(dim=(1, 2, 3))
    assert 0 < int(tripled.sum()) < 8
    assert set(batch.levels.flatten().tolist()) == {255.0, 65535.0}


def test_8_bit_pictures_keep_their_codes_whatever_file_they_are_in(
    tmp_path: Path, pixels: Pixels
) -> None:
    image = pixels(40, 48, 3)
    alpha = np.dstack([image, np.full((40, 48), 200, np.uint8)])
    Image.fromarray(alpha).save(tmp_path / "alpha.png")
    write_image(tmp_path / "planar.tif", image)
    write_image(tmp_path / "stack.tif", np.stack([image, image]), axes="ZYXS")
    Image.fromarray(image).save(tmp_path / ".hidden.png")
    pictures = load_pictures(tmp_path, channels=3).pictures
    assert len(pictures) == 4
    assert all(np.array_equal(p.pixels, image) for p in pictures)


def test_microscopy_is_imitated_for_8_bit_pictures_only(tmp_path: Path, pixels: Pixels) -> None:
    plane = pixels(24, 24, dtype="uint16")
    write_image(tmp_path / "real.tif", plane)
    recipe = DataRecipe(patch=24, batch=4, copies=(1.0,), microscopy=True)
    real = load_pictures(tmp_path, channels=1).pictures[0].unit()
    batch = PatchSource(tmp_path, recipe, channels=1, scale=2).batch(0)
    assert (batch.levels == 65535.0).all()
    for patch in batch.hr[:, 0].double().numpy():
        # The whole picture, turned over, and nothing else.
        assert np.allclose(np.sort(patch.ravel()), np.sort(real.ravel()), atol=STEP)


def test_of_more_than_fits_into_memory_the_same_choice_is_read_each_time(
    tmp_path: Path, pixels: Pixels
) -> None:
    plane = pixels(40, 40, dtype="uint16") // 4
    stack = np.stack([plane + n for n in range(20)])
    write_image(tmp_path / "stack.tif", stack, axes="TYX")
    room = 6.5 * plane.nbytes / 1e9
    first, again = (load_pictures(tmp_path, channels=1, gigabytes=room) for _ in range(2))
    assert len(first.pictures) == 6
    assert first.left_out == 14
    for a, b in zip(first.pictures, again.pictures, strict=True):
        assert np.array_equal(a.pixels, b.pixels)
    other = load_pictures(tmp_path, channels=1, gigabytes=room, seed=1)
    assert any(
        not np.array_equal(a.pixels, b.pixels)
        for a, b in zip(first.pictures, other.pictures, strict=True)
    )
    with pytest.raises(UsageError, match=r"stack\.tif.*data\.gigabytes"):
        load_pictures(tmp_path, channels=1, gigabytes=0.5 * plane.nbytes / 1e9)


def test_a_survey_tells_what_is_there_without_decoding(tmp_path: Path, pixels: Pixels) -> None:
    write_image(tmp_path / "stack.tif", np.zeros((3, 20, 30), np.uint16), axes="ZYX")
    Image.fromarray(pixels(64, 50)).save(tmp_path / "gray.png")
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff")
    found = survey(tmp_path)
    assert [file.path.name for file in found.files] == ["gray.png", "stack.tif"]
    assert (found.deep, found.gray, found.side) == (True, True, 50)
    (message,) = found.unreadable
    assert "broken.jpg" in message


def test_lr_files_and_restorations_are_no_originals(tmp_path: Path, pixels: Pixels) -> None:
    picture = Image.fromarray(pixels(64, 50))
    lr = lr_name("photo.png", ".png")
    made = [lr, restored_name(lr, ".png")]
    for name in made:
        picture.save(tmp_path / name)
    with pytest.raises(UsageError, match="give the originals"):
        survey(tmp_path)
    for name in ("photo.png", "irrm.png", ".irrm.png"):
        picture.save(tmp_path / name)
    found = survey(tmp_path)
    assert [file.path.name for file in found.files] == ["irrm.png", "photo.png"]
    assert [path.name for path in found.made_here] == made


def test_what_cannot_be_trained_on_is_refused_by_name(tmp_path: Path, pixels: Pixels) -> None:
    with pytest.raises(UsageError, match="no such folder"):
        load_pictures(tmp_path / "nowhere", channels=1)
    good, cut = tmp_path / "good.tif", tmp_path / "cut.tif"
    write_image(good, pixels(40, 40, dtype="uint16"), compression=None)
    cut.write_bytes(good.read_bytes()[:2000])
    with pytest.raises(ImageFileError, match=r"1 of 2 files.*--skip-unreadable.*cut\.tif"):
        load_pictures(tmp_path, channels=1)
    kept = load_pictures(tmp_path, channels=1, skip_unreadable=True)
    assert [picture.path for picture in kept.pictures] == [good]
    assert "cut.tif" in kept.unreadable[0]
