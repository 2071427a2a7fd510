from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from irrm_core.errors import ImageFileError, UsageError
from irrm_core.metrics import bicubic
from irrm_core.training.patches import PatchSource
from irrm_core.training.recipe import DataRecipe

PATCH, SCALE, WAYS = 24, 4, 8
RECIPE = DataRecipe(patch=PATCH, batch=8, copies=(1.0,))

Picture = NDArray[np.uint8]


def save_noise(folder: Path, height: int, width: int, seed: int = 0) -> Picture:
    """Save a picture every pixel of which is at one place only."""
    picture = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    Image.fromarray(picture).save(folder / "noise.png")
    return picture


def turned(image: NDArray[np.generic], way: int) -> NDArray[np.generic]:
    """One of the eight symmetries of the square."""
    image = np.rot90(image, way % 4)
    return image.transpose(1, 0, 2) if way >= 4 else image


def pixels(tensor: torch.Tensor) -> NDArray[np.float32]:
    values: NDArray[np.float32] = tensor.permute(1, 2, 0).numpy()
    return values


def find(picture: Picture, patch: NDArray[np.float32]) -> tuple[int, int, int]:
    """Return way, y and x of the piece of the picture that, turned, is the patch."""
    wanted = np.round(patch * 255).astype(np.uint8)
    for way in range(WAYS):
        tall = np.asarray(turned(picture, way))
        corners = np.argwhere((tall == wanted[0, 0]).all(axis=2))
        for y, x in corners:
            if np.array_equal(tall[y : y + PATCH, x : x + PATCH], wanted):
                return way, int(y), int(x)
    raise AssertionError("the patch is nowhere in the picture")


def test_the_lr_of_a_patch_is_the_bicubic_of_the_whole_picture_there(tmp_path: Path) -> None:
    picture = save_noise(tmp_path, 80, 96)
    source = PatchSource(tmp_path, RECIPE, channels=3, scale=SCALE)
    batch = source.batch(0)
    assert batch.lr.shape == (8, 3, PATCH // SCALE, PATCH // SCALE)
    for hr, lr in zip(batch.hr, batch.lr, strict=True):
        way, y, x = find(picture, pixels(hr))
        # Mirrored far enough, the picture's border is nowhere near the patch; and it is cut
        # from where the patch's LR grid begins, so that both grids agree.
        wide = np.pad(turned(picture, way), ((16, 16), (16, 16), (0, 0)), mode="symmetric")
        whole = wide[y % SCALE :, x % SCALE :]
        height, width = len(whole) // SCALE, whole.shape[1] // SCALE
        small = bicubic(whole[: height * SCALE, : width * SCALE], height, width) / 255
        top, left = (y + 16) // SCALE, (x + 16) // SCALE
        there = small[top : top + PATCH // SCALE, left : left + PATCH // SCALE]
        np.testing.assert_allclose(pixels(lr), there, atol=1e-4)


def test_the_lr_is_right_at_the_picture_s_borders(tmp_path: Path) -> None:
    picture = save_noise(tmp_path, PATCH, PATCH)
    batch = PatchSource(tmp_path, RECIPE, channels=3, scale=SCALE).batch(3)
    for hr, lr in zip(batch.hr, batch.lr, strict=True):
        find(picture, pixels(hr))
        small = bicubic(pixels(hr), PATCH // SCALE, PATCH // SCALE)
        np.testing.assert_allclose(pixels(lr), small, atol=1e-4)


def test_patches_are_turned_in_all_eight_ways(tmp_path: Path) -> None:
    picture = save_noise(tmp_path, PATCH, PATCH)
    source = PatchSource(tmp_path, RECIPE, channels=3, scale=SCALE)
    seen = {find(picture, pixels(hr))[0] for step in range(6) for hr in source.batch(step).hr}
    assert seen == set(range(WAYS))


def test_a_batch_is_a_function_of_seed_and_step_only(photographs: Path) -> None:
    def batch(seed: int, step: int, *, microscopy: bool = False) -> torch.Tensor:
        recipe = DataRecipe(patch=PATCH, batch=4, microscopy=microscopy)
        channels = 1 if microscopy else 3
        source = PatchSource(photographs, recipe, channels=channels, scale=2, seed=seed)
        for before in range(step % 2):
            source.batch(before)
        return source.batch(step).hr

    for microscopy in (False, True):
        same = batch(0, 7, microscopy=microscopy)
        assert torch.equal(same, batch(0, 7, microscopy=microscopy))
        assert not torch.equal(same, batch(0, 8, microscopy=microscopy))
        assert not torch.equal(same, batch(1, 7, microscopy=microscopy))


def test_textured_regions_are_drawn_more_often(tmp_path: Path) -> None:
    picture = save_noise(tmp_path, 96, 192)
    picture[:, :120] = 128
    Image.fromarray(picture).save(tmp_path / "noise.png")

    def textured(exponent: float) -> float:
        recipe = DataRecipe(patch=PATCH, batch=32, copies=(1.0,), texture=exponent)
        source = PatchSource(tmp_path, recipe, channels=3, scale=2)
        return float(torch.cat([source.batch(s).hr for s in range(4)]).std(dim=(1, 2, 3)).mean())

    assert textured(1.0) > 1.5 * textured(0.0)


def test_gray_patches_imitate_a_microscope_within_range_at_both_depths(photographs: Path) -> None:
    recipe = DataRecipe(patch=PATCH, batch=32, microscopy=True)
    batch = PatchSource(photographs, recipe, channels=1, scale=2).batch(0)
    assert batch.hr.shape == (32, 1, PATCH, PATCH)
    assert float(batch.hr.min()) >= 0
    assert float(batch.hr.max()) <= 1
    assert set(batch.levels.flatten().tolist()) == {255.0, 65535.0}


def test_a_folder_without_usable_images_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=f"{tmp_path}.*no image files"):
        PatchSource(tmp_path, RECIPE, channels=3, scale=2)
    save_noise(tmp_path, PATCH - 1, 100)
    with pytest.raises(UsageError, match=f"{tmp_path}.*as large as a patch"):
        PatchSource(tmp_path, RECIPE, channels=3, scale=2)


def test_files_that_cannot_be_read_are_all_named(tmp_path: Path) -> None:
    save_noise(tmp_path, 40, 40)
    for name in ("a.png", "b.tif"):
        (tmp_path / name).write_bytes(b"\x89PNG\r\n\x1a\n and then nothing")
    with pytest.raises(ImageFileError, match=r"2 of 3 files(?s:.)*a\.png(?s:.)*b\.tif"):
        PatchSource(tmp_path, RECIPE, channels=3, scale=2)


def test_a_picture_that_claims_too_many_pixels_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Image.new("L", (60, 60)).save(tmp_path / "bomb.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.raises(ImageFileError, match=r"bomb\.png"):
        PatchSource(tmp_path, RECIPE, channels=1, scale=2)
