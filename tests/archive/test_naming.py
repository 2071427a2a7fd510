"""How LR files and restorations are called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from irrm_core.archive.naming import has_lr_name, lr_name, original_name, restored_name

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1).filter(
    lambda name: name.strip(".") != ""
)


@given(NAMES, st.sampled_from([".png", ".tif", ".webp"]))
def test_the_name_of_the_original_is_found_in_the_name_of_its_lr_file(
    name: str, suffix: str
) -> None:
    lr = lr_name(name, suffix)
    assert has_lr_name(lr)
    assert original_name(lr) == name


@given(NAMES, NAMES)
def test_two_originals_never_share_an_lr_name(one: str, other: str) -> None:
    assert (lr_name(one, ".png") == lr_name(other, ".png")) == (one == other)


@given(NAMES)
def test_a_restoration_never_takes_the_name_of_the_original_or_of_the_lr(name: str) -> None:
    lr = lr_name(name, ".png")
    assert restored_name(lr, ".png") not in (name, lr)


@pytest.mark.parametrize("name", ["photo.png", "irrm.png", ".irrm.png", "photo.irrm", ".irrm"])
def test_ordinary_names_are_no_lr_names(name: str) -> None:
    assert not has_lr_name(name)


def test_a_renamed_lr_file_restores_beside_its_new_name() -> None:
    assert restored_name("holiday.png", ".png") == "holiday.restored.png"
    assert restored_name("photo.jpg.irrm.webp", ".png") == "photo.jpg.restored.png"
