"""Restore records as JSON with short keys. A file may come from anywhere: nothing is believed."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np

from irrm_core.engine.mapping import IntensityMapping
from irrm_core.engine.record import DTYPES, RestoreRecord
from irrm_core.errors import NotRestorableError

VERSION = 1

_LARGEST_SIDE = 1 << 31
_MOST_MAPPINGS = 1 << 16
_AXES = "TZCYXS"

_T = TypeVar("_T")


def to_dict(record: RestoreRecord) -> dict[str, Any]:
    """Return what `from_dict` reads; what has its neutral value is left out."""
    packed: dict[str, Any] = {
        "v": VERSION,
        "m": record.model,
        "w": _pack_hash(record.weights_hash),
        "s": record.scale,
        "h": list(record.hr_shape),
        "a": record.axes,
        "t": record.dtype,
        "p": _pack_hash(record.lr_hash),
    }
    if record.tripled:
        packed["g"] = 1
    if record.mappings:
        packed["r"] = [[_short(m.low), _short(m.high)] for m in record.mappings]
    if record.latent_std:
        packed["z"] = [_short(record.latent_std), record.seed]
    if record.alpha is not None:
        packed["A"] = _short(record.alpha)
    if record.side_hash is not None:
        packed["x"] = _pack_hash(record.side_hash)
    if record.digest:
        packed["d"] = _to_base64(record.digest)
    if record.quality:
        packed["q"] = {name: round(value, 4) for name, value in record.quality.items()}
    if record.source_hash is not None:
        packed["o"] = [_pack_hash(record.source_hash), record.source_size or 0]
    return packed


def from_dict(packed: object) -> RestoreRecord:
    """Read a record; keys that this version does not know are ignored.

    Raises
    ------
    NotRestorableError
        A value is missing, of the wrong kind, out of range or contradicts another.
    """
    try:
        if not isinstance(packed, dict):
            raise ValueError("it is no JSON object")
        version = _within(packed, "v", 1, _LARGEST_SIDE)
        if version == VERSION:
            return _record(packed)
    except (ValueError, OverflowError) as error:
        raise NotRestorableError(
            f"the restore record is damaged: {error}; take another copy of the LR file"
        ) from error
    raise NotRestorableError(
        f"the restore record has format {version} and this version of irrm reads format "
        f"{VERSION}; update napari-irrm"
    )


def _record(packed: Mapping[str, Any]) -> RestoreRecord:
    axes = _text(packed, "a", len(_AXES))
    shape = tuple(_integer(n, "h", 1, _LARGEST_SIDE) for n in _take(packed, "h", list))
    _check_axes(axes, shape)
    dtype = _text(packed, "t", 8)
    if dtype not in DTYPES:
        raise ValueError(f"dtype {dtype!r} is unknown")
    latent = _take(packed, "z", list) if "z" in packed else [0, 0]
    source = _take(packed, "o", list) if "o" in packed else []
    if len(latent) != 2 or len(source) not in (0, 2):
        raise ValueError("z and o must have two values")
    std = float(_number(latent[0], "z"))
    if not 0 <= std <= 100:
        raise ValueError(f"a latent of std {std} is impossible")
    quality = _take(packed, "q", dict) if "q" in packed else {}
    alpha = _number(packed["A"], "A") if "A" in packed else None
    if alpha is not None and not holds(dtype, alpha):
        raise ValueError(f"an alpha of {alpha} does not fit {dtype}")
    tripled = "g" in packed and _within(packed, "g", 0, 1) == 1
    if tripled and "S" in axes and shape[-1] > 2:
        raise ValueError("an image with colours cannot have been tripled")
    return RestoreRecord(
        model=_text(packed, "m", 200),
        weights_hash=_unpack_hash(_text(packed, "w", 43), "w"),
        scale=_within(packed, "s", 2, 64),
        hr_shape=shape,
        axes=axes,
        dtype=dtype,
        lr_hash=_unpack_hash(_text(packed, "p", 43), "p"),
        tripled=tripled,
        mappings=_mappings(packed, dtype, shape[axes.index("C")] if "C" in axes else 1),
        latent_std=std,
        seed=_integer(latent[1], "z", 0, 2**64 - 1),
        alpha=alpha,
        side_hash=_unpack_hash(_text(packed, "x", 43), "x") if "x" in packed else None,
        digest=_from_base64(_text(packed, "d", 400), "d") if "d" in packed else b"",
        quality={str(name)[:40]: float(_number(value, "q")) for name, value in quality.items()},
        source_hash=_unpack_hash(source[0], "o") if source else None,
        source_size=_integer(source[1], "o", 0, 1 << 63) if source else None,
    )


def _mappings(packed: Mapping[str, Any], dtype: str, channels: int) -> tuple[IntensityMapping, ...]:
    pairs = _take(packed, "r", list) if "r" in packed else []
    # Without mappings the full range of the LR is that of the original.
    fits = not pairs if dtype == "uint8" else len(pairs) == channels
    if not (fits or (dtype == "uint16" and not pairs)) or len(pairs) > _MOST_MAPPINGS:
        raise ValueError(f"{len(pairs)} intensity mappings do not fit {channels} {dtype} channels")
    mappings = []
    for pair in pairs:
        if not isinstance(pair, list) or len(pair) != 2:
            raise ValueError("an intensity mapping must have two values")
        low, high = (_number(value, "r") for value in pair)
        if low > high or not holds(dtype, low) or not holds(dtype, high):
            raise ValueError(f"the intensity mapping {low} to {high} does not fit {dtype}")
        mappings.append(IntensityMapping(low, high))
    return tuple(mappings)


def holds(dtype: str, value: float) -> bool:
    """Whether the dtype can hold this finite number (but for rounding)."""
    kind = np.dtype(dtype)
    if kind.kind == "f":
        return abs(value) <= float(np.finfo(kind).max)
    limits = np.iinfo(kind)
    return int(limits.min) <= value <= int(limits.max) and value == int(value)


def _check_axes(axes: str, shape: tuple[int, ...]) -> None:
    if (
        len(axes) != len(shape)
        or len(set(axes)) != len(axes)
        or set(axes) - set(_AXES)
        or not 0 <= axes.find("Y") < axes.find("X")
        or ("S" in axes and not (axes.endswith("S") and shape[-1] <= 4))
    ):
        raise ValueError(f"axes {axes!r} do not fit the shape {list(shape)}")


def _take(packed: Mapping[str, Any], key: str, kind: type[_T]) -> _T:
    if key not in packed:
        raise ValueError(f"{key} is missing")
    value = packed[key]
    if not isinstance(value, kind):
        raise ValueError(f"{key} must be {kind.__name__}, not {type(value).__name__}")
    return value


def _text(packed: Mapping[str, Any], key: str, longest: int) -> str:
    text = _take(packed, key, str)
    if len(text) > longest or not text.isprintable():
        raise ValueError(f"{key} is no text of at most {longest} characters")
    return text


def _within(packed: Mapping[str, Any], key: str, low: int, high: int) -> int:
    if key not in packed:
        raise ValueError(f"{key} is missing")
    return _integer(packed[key], key, low, high)


def _integer(value: object, key: str, low: int, high: int) -> int:
    # bool is an int to Python, not to a record.
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ValueError(f"{key} must be a whole number in {low} to {high}")
    return value


def _number(value: object, key: str) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        raise ValueError(f"{key} must be a finite number")
    return value


def _short(value: float) -> float:
    return int(value) if value == int(value) and abs(value) < 2**53 else value


def _pack_hash(digest: str) -> str:
    return _to_base64(bytes.fromhex(digest))


def _unpack_hash(text: object, key: str) -> str:
    digest = _from_base64(text, key) if isinstance(text, str) else b""
    if len(digest) != 32:
        raise ValueError(f"{key} is no SHA-256")
    return digest.hex()


def _to_base64(content: bytes) -> str:
    # Unpadded: the length says how much is missing.
    return base64.urlsafe_b64encode(content).decode("ascii").rstrip("=")


def _from_base64(text: str, key: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise ValueError(f"{key} is no base64") from None
