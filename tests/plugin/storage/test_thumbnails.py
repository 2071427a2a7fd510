"""Thumbnails: LR files and exact ones, small; nothing for what is no picture."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from irrm_core.archive.catalogue import Entry
from napari_irrm.storage.browser import StoreBrowser
from napari_irrm.storage.thumbnails import Thumbnails, shrunk, thumbnail

from .at_once import AtOnce

Find = Callable[[str], Entry]


@pytest.mark.parametrize(
    ("name", "shape"), [("beach", (10, 14, 3)), ("cells", (16, 20, 3)), ("plan", (13, 18, 3))]
)
def test_stored_pictures_have_thumbnails(
    browser: StoreBrowser, entry: Find, name: str, shape: tuple[int, ...]
) -> None:
    picture = thumbnail(entry(name), browser, 20)
    assert picture is not None
    assert picture.shape == shape and picture.dtype == np.uint8
    assert np.ptp(picture) > 50


def test_a_text_or_a_damaged_or_missing_file_has_none(browser: StoreBrowser, entry: Find) -> None:
    beach = entry("beach")
    assert thumbnail(entry("notes"), browser, 20) is None
    browser.stored(beach).write_bytes(b"no picture")
    assert thumbnail(beach, browser, 20) is None
    browser.stored(beach).unlink()
    assert thumbnail(beach, browser, 20) is None


def test_a_thumbnail_is_made_once(browser: StoreBrowser, entry: Find) -> None:
    arrived: list[Entry] = []
    beach = entry("beach")
    thumbnails = Thumbnails(browser, AtOnce(), 20, arrived.append)
    first = thumbnails.of(beach)
    assert first is not None and thumbnails.of(beach) is first
    assert arrived == [beach]


def test_intensities_are_stretched_and_what_is_not_finite_is_left_out() -> None:
    plane = np.linspace(1000, 1100, 64, dtype=np.float32).reshape(8, 8)
    plane[0, 0] = np.nan
    picture = shrunk(plane, 8)
    assert picture.min() == 0 and picture.max() == 255
    assert not shrunk(np.full((3, 300), np.nan, np.float32), 30).any()
    assert shrunk(np.zeros((1, 5000, 4), np.uint8), 50).shape == (1, 50, 4)
