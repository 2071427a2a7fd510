"""Fetching a model from a folder or a web server that mirrors one.

Nothing is downloaded unless this is called; ``IRRM_OFFLINE=1`` forbids it altogether.
"""

from __future__ import annotations

import os
from http.client import HTTPException
from pathlib import Path
from urllib.parse import quote, urlsplit
from urllib.request import urlopen

from irrm_core.errors import ModelFileError, ModelNotFoundError, UsageError
from irrm_core.zoo.card import ModelCard, split_id
from irrm_core.zoo.card_json import MAX_CARD_BYTES, card_from_json
from irrm_core.zoo.model import verified_network
from irrm_core.zoo.registry import CARD, WEIGHTS, find_model, user_folder
from irrm_core.zoo.store import install
from irrm_core.zoo.weights import MAX_WEIGHTS_BYTES, read_limited, weights_from_bytes

_SECONDS = 30


def fetch_model(
    reference: str,
    source: str | Path | None = None,
    *,
    expected_hash: str | None = None,
    folder: str | Path | None = None,
) -> ModelCard:
    """Copy a model from elsewhere into the user's folder, verified and whole or not at all.

    Parameters
    ----------
    reference : str
        From a folder an id, a name or a hash; from an address an id with its version,
        ``irrm-fast-x4@1``.
    source : str or Path, optional
        A folder of models, or the ``https``, ``http`` or ``file`` address of one. By
        default ``IRRM_MODEL_SOURCE``.
    expected_hash : str, optional
        The weights hash that it must have, for instance from an LR file.
    folder : str or Path, optional
        Folder to copy to; the user's by default.

    Returns
    -------
    ModelCard
        Of the model as it now lies in the folder.

    Raises
    ------
    UsageError
        No source is known, or downloads are forbidden.
    ModelNotFoundError
        The source does not have it or cannot be reached.
    ModelFileError
        What came is damaged or is not the model that was asked for; nothing was kept.
    OutputExistsError
        The folder has other weights under this id.
    """
    place = str(source or os.environ.get("IRRM_MODEL_SOURCE") or "")
    if not place:
        raise UsageError(f"where from? give --from FOLDER or URL to fetch {reference}")
    if urlsplit(place).scheme in ("http", "https", "file"):
        card, content, origin = _download(reference, place)
    else:
        found = find_model(reference, [Path(place)])
        card, origin = found.card, str(found.weights)
        content = read_limited(found.weights)
    if expected_hash is not None and card.weights_hash != expected_hash:
        raise ModelFileError(
            f"{origin}: {card.id} has weights {card.weights_hash[:12]}, not the expected "
            f"{expected_hash[:12]}; nothing was kept"
        )
    verified_network(card, weights_from_bytes(content, origin), origin)
    return install(Path(folder) if folder else user_folder(), card, content)


def _download(reference: str, address: str) -> tuple[ModelCard, bytes, str]:
    try:
        split_id(reference)
    except ValueError as error:
        raise UsageError(f"an address can only be asked for an id with version: {error}") from error
    if os.environ.get("IRRM_OFFLINE", "0") not in ("", "0"):
        raise UsageError(
            f"IRRM_OFFLINE forbids downloading {reference}; unset it, or copy the model folder "
            f"into {user_folder()}"
        )
    base = f"{address.rstrip('/')}/{quote(reference, safe='@')}"
    card = card_from_json(_get(f"{base}/{CARD}", MAX_CARD_BYTES), f"{base}/{CARD}")
    if card.id != reference:
        raise ModelFileError(f"{base}/{CARD}: this is the card of {card.id}, not of {reference}")
    return card, _get(f"{base}/{WEIGHTS}", MAX_WEIGHTS_BYTES), f"{base}/{WEIGHTS}"


def _get(address: str, limit: int) -> bytes:
    try:
        with urlopen(address, timeout=_SECONDS) as answer:
            content: bytes = answer.read(limit + 1)
    except (OSError, HTTPException, ValueError) as error:
        raise ModelNotFoundError(
            f"{address}: cannot be downloaded: {error}; check the address and the network"
        ) from error
    if len(content) > limit:
        raise ModelFileError(f"{address}: longer than {limit:,} bytes; refused")
    return content
