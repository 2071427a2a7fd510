"""Where a stored file came from: what its archive file says of the original.

A store needs no catalogue to be understood. What a catalogue knows of a stored file can be
read again from the file itself, in one line of JSON with a checksum of its own.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from irrm_core.archive.catalogue.states import StorageClass
from irrm_core.errors import NotRestorableError, UsageError

KEY = "from"
"""Under which the fields stand in what is embedded in an archive file."""

_VERSION = 1
_CHECK = 6  # bytes: one damaged record in 10^14 goes unnoticed
_LARGEST = (1 << 63) - 1
_EARLIEST = -(1 << 63)

_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """What an archive file tells of its original.

    Attributes
    ----------
    root : str
        Name of the watched folder.
    path : bytes
        Relative to it, parts separated by ``/``; need not be valid text.
    version : int
        Counts the contents that were archived of this path, from 1.
    size, mtime_ns, mode : int
        Of the original, as `os.stat` gives them.
    sha256 : str
        Of the original's bytes, hexadecimal.
    xattrs : mapping of str to bytes
        Its extended attributes.
    archived_at : float
        Seconds since 1970; rounded to thousandths.
    storage : StorageClass
        ``lr`` or ``exact``.
    measured : mapping
        What the gate measured, as JSON values; what JSON would change, such as tuples, is
        changed at once. Of class ``exact`` the form is here, under ``"form"``.
    model, weights_hash, scale
        Of class ``lr``, else None.

    Raises
    ------
    UsageError
        `measured` is nothing that JSON holds, such as infinity.
    """

    root: str
    path: bytes
    version: int
    size: int
    mtime_ns: int
    mode: int
    sha256: str
    archived_at: float
    storage: StorageClass
    xattrs: Mapping[str, bytes] = field(default_factory=dict)
    measured: Mapping[str, Any] = field(default_factory=dict)
    model: str | None = None
    weights_hash: str | None = None
    scale: int | None = None

    def __post_init__(self) -> None:
        """Make what is held the same as what is read back."""
        object.__setattr__(self, "storage", StorageClass(self.storage))
        object.__setattr__(self, "archived_at", round(float(self.archived_at), 3))
        try:
            measured = json.loads(json.dumps(dict(self.measured), allow_nan=False))
        except (TypeError, ValueError) as why:
            raise UsageError(f"measurements that JSON does not hold: {why}") from why
        object.__setattr__(self, "measured", measured)

    def to_fields(self) -> dict[str, Any]:
        """Return compact JSON values; what is empty is left out."""
        fields: dict[str, Any] = {
            "v": _VERSION,
            "r": self.root,
            # Bytes that are no UTF-8 become lone surrogates, which JSON escapes.
            "p": self.path.decode("utf-8", "surrogateescape"),
            "s": self.size,
            "t": self.mtime_ns,
            "m": self.mode,
            "h": _base64(bytes.fromhex(self.sha256)),
            "a": self.archived_at,
            "c": str(self.storage),
        }
        if self.version != 1:
            fields["n"] = self.version
        if self.xattrs:
            fields["x"] = {name: _base64(value) for name, value in self.xattrs.items()}
        if self.measured:
            fields["q"] = dict(self.measured)
        if self.model is not None and self.weights_hash is not None:
            fields["w"] = [self.model, _base64(bytes.fromhex(self.weights_hash)), self.scale]
        return {**fields, "k": _check(fields)}

    @classmethod
    def from_fields(cls, fields: object) -> Provenance:
        """Read what `to_fields` returned; nothing in it is trusted.

        Raises
        ------
        NotRestorableError
            It is damaged, or from a newer version. The message names no file.
        """
        try:
            if not isinstance(fields, dict):
                raise ValueError("it is no JSON object")
            rest = dict(fields)
            version = _whole(_take(rest, "v", int), 1)
            if version == _VERSION:
                if rest.pop("k", None) != _check(rest):
                    raise ValueError("its checksum is wrong")
                return _read(rest)
        except (ValueError, TypeError, RecursionError) as why:
            raise NotRestorableError(
                f"the record of the original is damaged: {why}; take another copy of the file"
            ) from why
        raise NotRestorableError(
            f"the record of the original has format {version} and this version reads format "
            f"{_VERSION}; update napari-irrm"
        )


def _read(fields: Mapping[str, Any]) -> Provenance:
    path = _take(fields, "p", str).encode("utf-8", "surrogateescape")
    parts = path.split(b"/")
    if b"\0" in path or any(part in (b"", b".", b"..") for part in parts):
        raise ValueError("the path leads out of its folder")
    storage = StorageClass(_take(fields, "c", str))
    if storage is StorageClass.kept:
        raise ValueError("a stored file cannot be of class kept")
    at = fields.get("a")
    if isinstance(at, bool) or not isinstance(at, int | float) or not math.isfinite(at):
        raise ValueError("a must be a finite number")
    xattrs = _take(fields, "x", dict) if "x" in fields else {}
    model, weights, scale = _take(fields, "w", list) if "w" in fields else (None, None, None)
    return Provenance(
        root=_take(fields, "r", str),
        path=path,
        version=_whole(fields.get("n", 1), 1),
        size=_whole(fields.get("s"), 0),
        mtime_ns=_whole(fields.get("t"), _EARLIEST),
        mode=_whole(fields.get("m"), 0),
        sha256=_hash(_take(fields, "h", str)),
        archived_at=at,
        storage=storage,
        xattrs={name: _bytes(value) for name, value in xattrs.items()},
        measured=_take(fields, "q", dict) if "q" in fields else {},
        model=None if model is None else str(model),
        weights_hash=None if weights is None else _hash(weights),
        scale=None if scale is None else _whole(scale, 1),
    )


def _take(fields: Mapping[str, Any], key: str, kind: type[_T]) -> _T:
    value = fields.get(key)
    if not isinstance(value, kind):
        raise ValueError(f"{key} must be {kind.__name__}, not {type(value).__name__}")
    return value


def _whole(value: object, low: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= _LARGEST:
        raise ValueError(f"{value!r:.40} is no whole number from {low}")
    return value


def _check(fields: Mapping[str, Any]) -> str:
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return _base64(hashlib.sha256(text.encode("ascii")).digest()[:_CHECK])


def _hash(text: str) -> str:
    digest = _bytes(text)
    if len(digest) != 32:
        raise ValueError("a hash is no SHA-256")
    return digest.hex()


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode("ascii").rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
