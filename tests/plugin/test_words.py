"""Amounts as people read them."""

from __future__ import annotations

import math

import pytest

from napari_irrm.words import count_text, duration_text, psnr_text, size_text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (1, "1 byte"),
        (999, "999 bytes"),
        (4_240, "4.2 kB"),
        (9_960, "10 kB"),
        (999_600, "1.0 MB"),
        (335_500_000, "336 MB"),
        (-4_240, "−4.2 kB"),
        (10**19, "10000 PB"),
    ],
)
def test_sizes_have_two_or_three_digits_and_a_decimal_unit(size: int, text: str) -> None:
    assert size_text(size) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0.1 s"), (0.44, "0.4 s"), (12.3, "12 s"), (180, "3 min"), (9000, "2.5 h")],
)
def test_durations_are_as_long_as_they_feel(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


def test_counts_agree_with_what_is_counted() -> None:
    assert [count_text(n, "file") for n in (0, 1, 1204)] == ["0 files", "1 file", "1,204 files"]


def test_what_does_not_differ_has_an_infinite_psnr() -> None:
    assert (psnr_text(38.24), psnr_text(math.inf)) == ("38.2 dB", "∞ dB")
