"""Drawn patches and moved colours among the patches of photographs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from irrm_core.training.patches import Batch, PatchSource
from irrm_core.training.recipe import DataRecipe

PLAIN = DataRecipe(patch=32, batch=8, copies=(1.0,))


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    rng = np.random.default_rng(3)
    for number in range(2):
        # Dim and low in contrast, so that drawings and moved colours stand out.
        pixels = rng.integers(100, 140, (80, 90, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{number}.png")
    return tmp_path


def batches(folder: Path, recipe: DataRecipe, channels: int = 3) -> list[Batch]:
    source = PatchSource(folder, recipe, channels=channels, scale=2)
    return [source.batch(step) for step in range(40)]


def changed(plain: list[Batch], other: list[Batch]) -> list[bool]:
    """Say of each patch whether it is another one."""
    return [
        not torch.equal(a, b)
        for one, two in zip(plain, other, strict=True)
        for a, b in zip(one.hr, two.hr, strict=True)
    ]


@pytest.mark.parametrize("key", ["text", "shapes", "recolour"])
def test_a_share_of_the_patches_is_changed_and_the_others_are_as_before(
    photographs: Path, key: str
) -> None:
    with_it = replace(PLAIN, **{key: 0.25})  # type: ignore[arg-type]
    plain, other = batches(photographs, PLAIN), batches(photographs, with_it)
    share = np.mean(changed(plain, other))
    assert 0.15 < share < 0.35  # of 320 patches
    assert all(float(b.hr.min()) >= 0 and float(b.hr.max()) <= 1 for b in other)
    again = batches(photographs, with_it)
    assert not any(changed(other, again))


def test_text_and_shapes_share_the_patches_between_them(photographs: Path) -> None:
    both = replace(PLAIN, text=0.5, shapes=0.5)
    assert all(changed(batches(photographs, PLAIN), batches(photographs, both)))


def test_drawings_for_one_channel_are_gray_and_colours_stay(photographs: Path) -> None:
    recipe = replace(PLAIN, shapes=0.5, recolour=1.0)
    gray = batches(photographs, recipe, channels=1)
    assert gray[0].hr.shape == (8, 1, 32, 32)
    drawn = np.mean(changed(batches(photographs, PLAIN, channels=1), gray))
    assert 0.35 < drawn < 0.65


def test_drawn_shapes_reach_the_corners_of_the_cube(photographs: Path) -> None:
    drawn = batches(photographs, replace(PLAIN, shapes=1.0))
    values = torch.cat([batch.hr.flatten() for batch in drawn])
    assert float((values == 0).float().mean()) > 0.1
    assert float((values == 1).float().mean()) > 0.1
