"""Patterns of relative paths, as bytes."""

from __future__ import annotations

import fnmatch
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from irrm_core.archive.catalogue import path_matches


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("*.tif", b"a.tif", True),
        ("*.tif", b"deep/er/a.tif", True),
        ("*.tif", b"a.tiff", False),
        ("*.tif", b"a.TIF", False),
        ("/*.tif", b"a.tif", True),
        ("/*.tif", b"deep/a.tif", False),
        ("2024/*.tif", b"2024/a.tif", True),
        ("2024/*.tif", b"2024/05/a.tif", False),
        ("2024/*.tif", b"x/2024/a.tif", False),
        ("2024/**/*.tif", b"2024/a.tif", True),
        ("2024/**/*.tif", b"2024/05/17/a.tif", True),
        ("**/raw/**", b"raw/a", True),
        ("**/raw/**", b"x/raw/y/a", True),
        ("**/raw/**", b"x/draw/y/a", False),
        ("2024/", b"2024/05/a.tif", True),
        ("2024/", b"2024", False),
        ("**", b"any/thing", True),
        ("img-?.png", b"img-7.png", True),
        ("img-?.png", b"img-/.png", False),
        ("img-[0-9].png", b"img-7.png", True),
        ("img-[0-9].png", b"img-x.png", False),
        ("img-[!0-9].png", b"img-x.png", True),
        ("img-[!0-9].png", b"img-7.png", False),
        ("a[!b]c", b"a/c", False),
        ("[]]", b"]", True),
        ("[!]]", b"]", False),
        ("[!]]", b"x", True),
        ("[z-a]", b"m", False),
        ("[!z-a]", b"m", True),
        ("[a-]", b"-", True),
        ("a[b", b"a[b", True),
        ("a.b", b"axb", False),
        ("*", b"two\nlines", True),
        (b"\xff*", b"\xff\xfe.jpg", True),
        ("\udcff*", b"\xff\xfe.jpg", True),
    ],
)
def test_a_pattern_matches_what_it_says(pattern: str | bytes, path: bytes, fits: bool) -> None:
    assert path_matches(pattern, path) is fits


names = st.text("ab.[]!-*?\\^&|~", min_size=1, max_size=8)


@given(names, names)
def test_within_one_part_patterns_are_those_of_the_shell(pattern: str, name: str) -> None:
    if "**" in pattern or pattern.startswith("^") or "[^" in pattern:
        return  # the shell has no `**`, and Python's no `[^`
    expected = re.fullmatch(fnmatch.translate(pattern), name) is not None
    assert path_matches(pattern, name.encode()) is expected


@given(st.binary(min_size=1, max_size=20).filter(lambda path: b"\0" not in path))
def test_everything_matches_two_stars(path: bytes) -> None:
    assert path_matches("**", path)
