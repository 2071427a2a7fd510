"""The index of a folder of models: what a web server that serves the folder has.

A server cannot be asked for a listing, so the listing lies beside the models. Nothing in it is
believed: what is fetched must match its own card, and its hash the index.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from irrm_core.errors import ModelFileError
from irrm_core.zoo.card import ModelCard, split_id
from irrm_core.zoo.registry import DamagedModel, FoundModel, scan

INDEX = "index.json"
MAX_INDEX_BYTES = 1 << 24
FORMAT_VERSION = 1


@dataclass(frozen=True)
class Available:
    """A model that a source has.

    Attributes
    ----------
    id, weights_hash : str
        As on the card.
    scale, channels : int
        As on the card.
    size : int
        Of the weights file, in bytes.
    metrics : mapping
        As on the card.
    """

    id: str
    weights_hash: str
    scale: int
    channels: int
    size: int
    metrics: Mapping[str, Any]

    @classmethod
    def of(cls, found: FoundModel) -> Available:
        """Return what an index says of a model."""
        card: ModelCard = found.card
        return cls(
            id=card.id,
            weights_hash=card.weights_hash,
            scale=card.scale,
            channels=card.channels,
            size=found.weights.stat().st_size,
            metrics=card.metrics,
        )

    @property
    def name(self) -> str:
        """The id without its version."""
        return split_id(self.id)[0]

    @property
    def version(self) -> int:
        """The version in the id."""
        return split_id(self.id)[1]


def available_in(folder: Path) -> list[Available]:
    """Return the models of a folder by id, from their cards; damaged ones are left out."""
    found = [Available.of(f) for f in scan([folder]) if isinstance(f, FoundModel)]
    return sorted(found, key=lambda a: (a.name, a.version))


def index_of(folder: str | Path) -> str:
    """Return the index of a folder of models, as JSON that ends in a newline.

    Raises
    ------
    ModelFileError
        A card is damaged, or a model does not lie in a folder called by its id, where it
        would be looked for.
    """
    for found in scan([Path(folder)]):
        if isinstance(found, DamagedModel):
            raise found.error
        if found.folder.name != found.card.id:
            raise ModelFileError(
                f"{found.folder}: holds {found.card.id}; call the folder so, or remove it"
            )
    document = {
        "format_version": FORMAT_VERSION,
        "models": [asdict(model) for model in available_in(Path(folder))],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def read_index(text: str | bytes, origin: object) -> list[Available]:
    """Read an index; keys that this version does not know are ignored.

    Raises
    ------
    ModelFileError
        It is no index, or of a newer format.
    """
    try:
        document = json.loads(text)
        if document["format_version"] > FORMAT_VERSION:
            raise ValueError("it is of a newer format; upgrade napari-irrm")
        return [_entry(raw) for raw in document["models"]]
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise ModelFileError(f"{origin}: not a usable index of models: {error!r}") from error


def _entry(raw: Mapping[str, Any]) -> Available:
    split_id(str(raw["id"]))  # it becomes a part of an address
    hash_ = raw["weights_hash"]
    if not isinstance(hash_, str) or len(hash_) != 64 or set(hash_) - set("0123456789abcdef"):
        raise ValueError(f"the weights hash of {raw['id']} is none")
    if not isinstance(raw["metrics"], dict):
        raise ValueError(f"the metrics of {raw['id']} are none")
    scale, channels, size = (int(raw[key]) for key in ("scale", "channels", "size"))
    return Available(raw["id"], hash_, scale, channels, size, raw["metrics"])
