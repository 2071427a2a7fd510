"""Model cards as JSON. A card may come from anywhere, so nothing in it is believed unchecked."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any, TypeVar

from irrm_core.errors import ModelFileError
from irrm_core.zoo.card import FORMAT_VERSION, Halo, LatentPolicy, ModelCard, split_id

MAX_CARD_BYTES = 1 << 20

_T = TypeVar("_T")


def card_to_json(card: ModelCard) -> str:
    """Return the card as indented JSON, ending in a newline."""
    return json.dumps(dataclasses.asdict(card), indent=2, ensure_ascii=False) + "\n"


def card_from_json(text: str | bytes, origin: object) -> ModelCard:
    """Read a card.

    Keys that this version does not know are ignored.

    Parameters
    ----------
    text : str or bytes
        JSON.
    origin : object
        Where it came from, for messages.

    Raises
    ------
    ModelFileError
        It is no card, has a value of the wrong kind, or is of a newer format.
    """
    try:
        raw = json.loads(text, parse_constant=_no_constant)
        if not isinstance(raw, dict):
            raise ValueError("it is no JSON object")
        if _take(raw, "format_version", int) > FORMAT_VERSION:
            raise ValueError("it is of a newer format; upgrade napari-irrm")
        return _card(raw)
    except (ValueError, RecursionError) as error:
        raise ModelFileError(f"{origin}: not a usable model card: {error}") from error


def _card(raw: Mapping[str, Any]) -> ModelCard:
    latent = _take(raw, "latent", dict)
    halo = _take(raw, "halo", dict)
    card = ModelCard(
        id=_take(raw, "id", str),
        architecture=_take(raw, "architecture", str),
        parameters=_parameters(_take(raw, "parameters", dict)),
        scale=_within(raw, "scale", 2, 64),
        channels=_within(raw, "channels", 1, 64),
        latent=LatentPolicy(_take(latent, "kind", str), float(_number(latent, "std"))),  # type: ignore[arg-type]
        halo=Halo(_within(halo, "downscale", 0, 65536), _within(halo, "restore", 0, 65536)),
        size_multiple=_within(raw, "size_multiple", 2, 1024),
        weights_hash=_take(raw, "weights_hash", str),
        sampling_phase=_take(raw, "sampling_phase", str),
        colour_space=_take(raw, "colour_space", str),
        training_data=_take(raw, "training_data", str),
        licence=_take(raw, "licence", str),
        metrics=_take(raw, "metrics", dict),
        training=_take(raw, "training", dict),
        format_version=_take(raw, "format_version", int),
    )
    split_id(card.id)
    if len(card.weights_hash) != 64 or set(card.weights_hash) - set("0123456789abcdef"):
        raise ValueError("weights_hash is not 64 hexadecimal digits")
    if card.sampling_phase != "box":
        raise ValueError(f"unknown sampling phase {card.sampling_phase!r}")
    if card.size_multiple % card.scale:
        raise ValueError("size_multiple is not a multiple of scale")
    if card.metrics and not isinstance(card.metrics.get("protocol"), str):
        raise ValueError("metrics do not state their protocol")
    return card


def _take(raw: Mapping[str, Any], key: str, kind: type[_T]) -> _T:
    if key not in raw:
        raise ValueError(f"{key} is missing")
    value = raw[key]
    # bool is an int to Python, not to a card.
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise ValueError(f"{key} must be {kind.__name__}, not {type(value).__name__}")
    return value


def _number(raw: Mapping[str, Any], key: str) -> float:
    value = raw.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{key} must be a number")
    return value


def _within(raw: Mapping[str, Any], key: str, low: int, high: int) -> int:
    value = _take(raw, key, int)
    if not low <= value <= high:
        raise ValueError(f"{key} must lie in {low} to {high}, not {value}")
    return value


def _parameters(raw: Mapping[str, Any]) -> dict[str, Any]:
    # Bounds that no real network comes near keep a hostile card from building for hours.
    for key, value in raw.items():
        numbers = value if isinstance(value, list) else [value]
        if not all(isinstance(n, int) and 0 <= n <= 1024 for n in numbers) or len(numbers) > 6:
            raise ValueError(f"parameter {key} must be whole numbers in 0 to 1024")
        if isinstance(value, list) and sum(value) > 1024:
            raise ValueError(f"parameter {key} asks for more than 1024 blocks")
    return dict(raw)


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")
