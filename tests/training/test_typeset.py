from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from irrm_core.metrics import bicubic
from irrm_core.training.patches import PatchSource
from irrm_core.training.recipe import DataRecipe
from irrm_core.training.typeset import draw_page

RECIPE = DataRecipe(patch=32, batch=16, copies=(1.0,))


def test_a_page_is_a_function_of_the_generator_and_no_two_are_alike() -> None:
    pages = [draw_page(64, np.random.default_rng(seed)) for seed in range(40)]
    for seed, page in enumerate(pages[:5]):
        assert np.array_equal(page, draw_page(64, np.random.default_rng(seed)))
    assert len({page.tobytes() for page in pages}) > 38
    # Pages have what photographs lack: flat paper with hard edges on it.
    flat = [np.mean(np.diff(page.astype(int), axis=1) == 0) for page in pages]
    steps = [np.abs(np.diff(page.astype(int), axis=1)).max() for page in pages]
    assert np.mean(flat) > 0.5
    assert np.mean(steps) > 150
    # Drawn with soft edges and in whole pixels, and some of it in colour.
    shades = [len(np.unique(page)) for page in pages]
    assert min(shades) <= 8
    assert max(shades) > 50
    assert any((page != page[:, :, :1]).any() for page in pages)


def test_a_share_of_the_patches_is_drawn_and_the_others_stay_as_they_are(
    photographs: Path,
) -> None:
    plain = PatchSource(photographs, RECIPE, channels=3, scale=2)
    some = PatchSource(photographs, replace(RECIPE, text=0.25), channels=3, scale=2)
    drawn = 0
    for step in range(8):
        before, after = plain.batch(step), some.batch(step)
        same = (before.hr == after.hr).all(dim=(1, 2, 3))
        assert torch.equal(before.lr[same], after.lr[same])
        assert torch.equal(after.hr, some.batch(step).hr)
        drawn += int((~same).sum())
    assert 0.1 < drawn / (8 * 16) < 0.4


def test_drawn_patches_have_their_own_lr_and_suit_single_channels(photographs: Path) -> None:
    recipe = replace(RECIPE, text=1.0, microscopy=True)
    batch = PatchSource(photographs, recipe, channels=1, scale=4).batch(0)
    assert batch.hr.shape == (16, 1, 32, 32)
    assert (batch.levels == 255.0).all()
    codes = batch.hr * 255
    assert torch.allclose(codes, codes.round(), atol=1e-3)
    inner = slice(2, -2)  # further in than the cubic reaches beyond the patch
    for hr, lr in zip(batch.hr.numpy(), batch.lr.numpy(), strict=True):
        small = bicubic(hr[0], 8, 8)
        np.testing.assert_allclose(lr[0, inner, inner], small[inner, inner], atol=1e-4)
