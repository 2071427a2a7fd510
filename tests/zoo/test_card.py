"""Model cards survive JSON, and nothing hostile in one is believed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from irrm_core.errors import ModelFileError
from irrm_core.zoo import Halo, LatentPolicy, ModelCard, card_from_json, card_to_json

CARD = ModelCard(
    id="irrm-fast-x4@3",
    architecture="irrm",
    parameters={"scale": 4, "blocks": [2, 6], "channels": 3, "learned": True},
    scale=4,
    channels=3,
    latent=LatentPolicy("gaussian", 0.5),
    halo=Halo(13, 16),
    size_multiple=4,
    weights_hash="0123456789abcdef" * 4,
    training_data="photographs, größtenteils",
    licence="CC0-1.0",
    metrics={"protocol": "IRN's, Y, crop 4", "Set5": {"psnr_y": 33.5}},
)


def edited(**changes: Any) -> str:
    return json.dumps(json.loads(card_to_json(CARD)) | changes)


def test_a_card_comes_back_from_json() -> None:
    assert card_from_json(card_to_json(CARD), "card.json") == CARD
    assert card_from_json(card_to_json(CARD).encode(), "card.json") == CARD


def test_name_and_version_are_read_off_the_id() -> None:
    assert (CARD.name, CARD.version) == ("irrm-fast-x4", 3)


def test_unknown_keys_are_ignored() -> None:
    assert card_from_json(edited(colour="blue"), "card.json") == CARD


@pytest.mark.parametrize("key", sorted(json.loads(card_to_json(CARD))))
def test_every_missing_key_is_named(key: str) -> None:
    raw = json.loads(card_to_json(CARD))
    del raw[key]

    with pytest.raises(ModelFileError, match=f"card.json.*{key} is missing"):
        card_from_json(json.dumps(raw), "card.json")


@pytest.mark.parametrize("key", sorted(json.loads(card_to_json(CARD))))
@pytest.mark.parametrize("value", [None, [], 1.5, True])
def test_every_value_of_the_wrong_kind_is_refused(key: str, value: object) -> None:
    with pytest.raises(ModelFileError, match=r"card\.json.*" + key):
        card_from_json(edited(**{key: value}), "card.json")


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "../../etc/passwd@1"},
        {"id": "a/b@1"},
        {"id": "..@1"},
        {"id": "no-version"},
        {"id": "name@0"},
        {"id": "name@-1"},
        {"id": "name@1@2"},
        {"id": "UPPER@1"},
        {"id": "deadbeef@1"},
        {"id": "a..b@1"},
        {"id": "x" * 300 + "@1"},
        {"id": "irrm\n@1"},
        {"weights_hash": "abc"},
        {"weights_hash": "G" * 64},
        {"weights_hash": "A" * 64},
        {"scale": 0},
        {"scale": 10**9},
        {"scale": "4"},
        {"channels": -3},
        {"size_multiple": 6},
        {"size_multiple": 0},
        {"halo": {"downscale": -1, "restore": 3}},
        {"halo": {"downscale": 3}},
        {"halo": {"downscale": 10**12, "restore": 3}},
        {"latent": {"kind": "laplace", "std": 1.0}},
        {"latent": {"kind": "gaussian", "std": 0}},
        {"latent": {"kind": "gaussian", "std": "1"}},
        {"latent": {"kind": "gaussian"}},
        {"sampling_phase": "corner"},
        {"metrics": {"Set5": 33.0}},
        {"format_version": 2},
        {"parameters": {"width": 10**7}},
        {"parameters": {"blocks": [10**7]}},
        {"parameters": {"blocks": [1024, 1024]}},
        {"parameters": {"blocks": [1] * 1000}},
        {"parameters": {"blocks": [[1]]}},
        {"parameters": {"width": "32"}},
        {"parameters": {"width": -1}},
    ],
    ids=str,
)
def test_a_card_with_an_impossible_value_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ModelFileError, match=r"card\.json"):
        card_from_json(edited(**changes), "card.json")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '"card"', "[" * 100_000, "\x00", '{"a": NaN}']
)
def test_what_is_no_json_object_is_refused(text: str) -> None:
    with pytest.raises(ModelFileError, match=r"card\.json"):
        card_from_json(text, "card.json")


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(ModelFileError, match=r"card\.json"):
        card_from_json(b"\xff\xfe\x00\xd8", "card.json")


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(sorted(json.loads(card_to_json(CARD)))), _values))
def test_any_json_is_a_card_or_an_error_of_ours(changes: dict[str, Any]) -> None:
    try:
        card = card_from_json(edited(**changes), "card.json")
    except ModelFileError:
        return
    assert card_from_json(card_to_json(card), "again") == card


def test_a_newer_format_says_to_upgrade() -> None:
    with pytest.raises(ModelFileError, match="upgrade"):
        card_from_json(edited(format_version=99), "card.json")


@pytest.mark.parametrize(("kind", "std"), [("uniform", 1.0), ("gaussian", -1.0), ("gaussian", 1e9)])
def test_a_latent_policy_is_checked_when_made(kind: Any, std: float) -> None:
    with pytest.raises(ValueError, match="latent"):
        LatentPolicy(kind, std)


def test_a_negative_halo_is_refused_when_made() -> None:
    with pytest.raises(ValueError, match="halo"):
        Halo(3, -1)
