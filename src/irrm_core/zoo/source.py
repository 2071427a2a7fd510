"""Where models come from: a folder of them, or a web server that serves such a folder."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Protocol
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit
from urllib.request import urlopen

from irrm_core.errors import ModelFileError, ModelNotFoundError, UsageError
from irrm_core.progress import Cancel, Progress
from irrm_core.zoo.card import ModelCard, is_hash_prefix, split_id
from irrm_core.zoo.card_json import MAX_CARD_BYTES, card_from_json
from irrm_core.zoo.index import INDEX, MAX_INDEX_BYTES, Available, available_in, read_index
from irrm_core.zoo.registry import CARD, WEIGHTS, find_model, user_folder
from irrm_core.zoo.weights import MAX_WEIGHTS_BYTES, read_limited

DEFAULT_SOURCE = ""
"""Address of the released models, once there is a public one; empty until then."""

_SECONDS = 30
_CHUNK = 1 << 16


class Source(Protocol):
    """Has models."""

    def available(self) -> list[Available]:
        """Return what it has, by id."""

    def get(
        self, reference: str, progress: Progress, cancel: Cancel
    ) -> tuple[ModelCard, bytes, str]:
        """Return card and weights, not verified yet, and where they came from."""


def open_source(place: str | Path | None) -> Source:
    """Return the source at a place.

    Parameters
    ----------
    place : str or Path, optional
        A folder of models, or the ``https``, ``http`` or ``file`` address of one. By default
        ``IRRM_MODEL_SOURCE``, then `DEFAULT_SOURCE`.

    Raises
    ------
    UsageError
        No place is known, or it is an address and ``IRRM_OFFLINE`` forbids those.
    ModelNotFoundError
        There is no such folder.
    """
    told = str(place or os.environ.get("IRRM_MODEL_SOURCE") or DEFAULT_SOURCE)
    if not told:
        clone = _clone()
        raise UsageError(
            "where from? give --from FOLDER or URL, or set IRRM_MODEL_SOURCE"
            + (f"; this clone of the repository has models: --from {clone}" if clone else "")
        )
    if urlsplit(told).scheme not in ("http", "https", "file"):
        folder = Path(told).expanduser()
        if not folder.is_dir():
            raise ModelNotFoundError(f"{folder}: no such folder of models; check the path")
        return Folder(folder)
    if os.environ.get("IRRM_OFFLINE", "0") not in ("", "0"):
        raise UsageError(
            f"IRRM_OFFLINE forbids downloading from {told}; unset it, or copy the model folder "
            f"into {user_folder()}"
        )
    return Address(told.rstrip("/"))


def _clone() -> Path | None:
    """Return the folder of models of the clone that one stands in, or that runs."""
    for folder in (Path("models"), Path(__file__).parents[3] / "models"):
        if (folder / INDEX).is_file():
            return folder
    return None


@dataclass(frozen=True)
class Folder:
    """A folder of models."""

    folder: Path

    def available(self) -> list[Available]:
        """Return what it has, from the cards; an index is not needed."""
        return available_in(self.folder)

    def get(
        self, reference: str, progress: Progress, cancel: Cancel
    ) -> tuple[ModelCard, bytes, str]:
        """Take an id, a name or a hash."""
        cancel.check()
        found = find_model(reference, [self.folder])
        return found.card, read_limited(found.weights), str(found.weights)


@dataclass(frozen=True)
class Address:
    """A web server that serves a folder of models as it is."""

    address: str

    def available(self) -> list[Available]:
        """Return what its index says."""
        origin = f"{self.address}/{INDEX}"
        return read_index(_get(origin, MAX_INDEX_BYTES), origin)

    def get(
        self, reference: str, progress: Progress, cancel: Cancel
    ) -> tuple[ModelCard, bytes, str]:
        """Take an id, or what the index knows a name or a hash as."""
        try:
            split_id(reference)
            wanted, told = reference, None
        except ValueError:
            entry = choose(reference, self._index(reference), self.address)
            wanted, told = entry.id, entry.weights_hash
        base = f"{self.address}/{quote(wanted, safe='@')}"
        card = card_from_json(_get(f"{base}/{CARD}", MAX_CARD_BYTES), f"{base}/{CARD}")
        if card.id != wanted:
            raise ModelFileError(f"{base}/{CARD}: this is the card of {card.id}, not of {wanted}")
        if told not in (None, card.weights_hash):
            raise ModelFileError(
                f"{base}/{CARD}: has weights {card.weights_hash[:12]}, and {INDEX} says "
                f"{str(told)[:12]}; whoever runs the server must mend that"
            )
        origin = f"{base}/{WEIGHTS}"
        return card, _get(origin, MAX_WEIGHTS_BYTES, wanted, progress, cancel), origin

    def _index(self, reference: str) -> list[Available]:
        try:
            return self.available()
        except _MissingError as error:
            raise UsageError(
                f"{self.address} has no {INDEX}, so it can only be asked for an id with version, "
                f"such as irrm-fast-x4@1, not for {reference!r}"
            ) from error


def choose(reference: str, models: Sequence[Available], origin: object) -> Available:
    """Return the model that an id, a name (its newest version) or a hash means.

    Raises
    ------
    ModelNotFoundError
        None, or more than one set of weights.
    """
    if is_hash_prefix(reference):
        found = [m for m in models if m.weights_hash.startswith(reference)]
        if len({m.weights_hash for m in found}) > 1:
            raise ModelNotFoundError(
                f"{reference} is the beginning of several weights hashes; give more digits"
            )
    else:
        found = [m for m in models if reference in (m.id, m.name)]
    if not found:
        known = ", ".join(m.id for m in models) or "nothing"
        raise ModelNotFoundError(f"{origin} has no model {reference!r}; it has {known}")
    return max(found, key=lambda m: m.version)


class _MissingError(ModelNotFoundError):
    """The server is there and does not have the file."""


def _get(
    address: str,
    limit: int,
    what: str | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> bytes:
    """Download a file into memory: what is cut or cancelled leaves nothing behind."""
    content = bytearray()
    try:
        with urlopen(address, timeout=_SECONDS) as answer:
            length = answer.headers.get("Content-Length") or ""
            if progress and what:
                progress.begin(f"fetching {what}, kB", int(length) // 1000 if length else 0)
            try:
                while len(content) <= limit:
                    if cancel:
                        cancel.check()
                    chunk = answer.read(_CHUNK)
                    if not chunk:
                        break
                    before = len(content) // 1000
                    content += chunk
                    if progress and what:
                        progress.advance(len(content) // 1000 - before)
            finally:
                if progress and what:
                    progress.end()
            if len(content) < min(int(length or 0), limit):
                raise HTTPException(f"it ended after {len(content):,} of {int(length):,} bytes")
    except (OSError, HTTPException, ValueError) as error:
        missing = isinstance(error, HTTPError) and error.code in (404, 410)
        gone = missing or isinstance(getattr(error, "reason", error), FileNotFoundError)
        kind = _MissingError if gone else ModelNotFoundError
        raise kind(
            f"{address}: cannot be downloaded: {error}; check the address and the network"
        ) from error
    if len(content) > limit:
        raise ModelFileError(f"{address}: longer than {limit:,} bytes; refused")
    return bytes(content)
