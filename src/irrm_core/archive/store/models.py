"""Copies of models in a store: restoring needs nothing but the store."""

from __future__ import annotations

import os
import secrets
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from irrm_core.errors import ModelFileError, ModelNotFoundError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from irrm_core.zoo import ModelCard
    from irrm_core.zoo.registry import FoundModel

_PART = ".part-"


@dataclass(frozen=True)
class ModelCopy:
    """A folder among the copies of models.

    Attributes
    ----------
    folder : Path
        Holds the card and the weights.
    weights_hash : str or None
        Of the weights, if they are whole and those of the card.
    problem : str or None
        Why they are not.
    """

    folder: Path
    weights_hash: str | None
    problem: str | None = None


def copy_name(id: str, weights_hash: str) -> str:
    """Return the name of the folder that a copy lies in: two models of one id have two."""
    return f"{id}-{weights_hash[:12]}"


def keep_model(models: Path, model: str | ModelCard) -> Path:
    """Copy a model into the folder of copies; see `Store.keep_model`."""
    from filelock import FileLock

    found = _find(models, model if isinstance(model, str) else model.weights_hash)
    target = models / copy_name(found.card.id, found.card.weights_hash)
    if look_at(target).weights_hash == found.card.weights_hash:
        return target
    card, weights = _verified(found)
    try:
        models.mkdir(exist_ok=True)
        with FileLock(models / ".lock"):
            # Under the lock an unfinished folder is that of a writer who died.
            _clear(models)
            if look_at(target).weights_hash != found.card.weights_hash:
                _install(target, {"card.json": card, "weights.safetensors": weights})
    except OSError as why:
        raise StoreError(
            f"{target}: the copy of the model cannot be written ({why.strerror or why}); free some "
            "space in the store, or check its permissions"
        ) from why
    return target


def look_at(folder: Path) -> ModelCopy:
    """Read one copy whole, and say what is wrong with it."""
    from irrm_core.zoo.registry import read_model_folder
    from irrm_core.zoo.weights import read_weights, weights_hash

    try:
        found = read_model_folder(folder)
        actual = weights_hash(read_weights(found.weights))
    except ModelFileError as error:
        return ModelCopy(folder, None, str(error))
    if actual != found.card.weights_hash:
        return ModelCopy(folder, None, f"{found.weights}: the weights are not those of the card")
    if folder.name != copy_name(found.card.id, actual):
        return ModelCopy(folder, None, f"{folder}: is not named after the model that it holds")
    return ModelCopy(folder, actual)


def copies(models: Path) -> Iterator[ModelCopy]:
    """Look at every copy."""
    if models.is_dir():
        for folder in sorted(models.iterdir()):
            if folder.is_dir() and not folder.name.startswith("."):
                yield look_at(folder)


def _find(models: Path, reference: str) -> FoundModel:
    from irrm_core.zoo.registry import find_model, search_folders

    # Others first: a damaged copy is mended from the model that it is a copy of.
    elsewhere = [folder for folder in search_folders() if folder != models]
    try:
        return find_model(reference, elsewhere)
    except (ModelNotFoundError, ModelFileError):
        return find_model(reference, [models])


def _verified(found: FoundModel) -> tuple[bytes, bytes]:
    """Return the content of card and weights; what is checked is what is written."""
    from irrm_core.zoo.card_json import card_to_json
    from irrm_core.zoo.weights import read_limited, weights_from_bytes, weights_hash

    weights = read_limited(found.weights)
    if weights_hash(weights_from_bytes(weights, found.weights)) != found.card.weights_hash:
        raise ModelFileError(
            f"{found.weights}: the weights are not those of {found.card.id}; fetch or import the "
            "model again"
        )
    return card_to_json(found.card).encode(), weights


def _install(target: Path, contents: dict[str, bytes]) -> None:
    from irrm_core.imagefile.atomic import sync_folder

    part = target.with_name(f"{_PART}{secrets.token_hex(6)}")
    part.mkdir()
    for name, content in contents.items():
        with (part / name).open("xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
    sync_folder(part)
    if target.exists():
        # Damaged: out of the way, and away with it once the whole one stands.
        target.rename(target.with_name(f"{_PART}{secrets.token_hex(6)}"))
    part.rename(target)
    sync_folder(target.parent)
    _clear(target.parent)


def _clear(models: Path) -> None:
    for part in models.glob(f"{_PART}*"):
        shutil.rmtree(part, ignore_errors=True)
