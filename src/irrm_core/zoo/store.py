"""Putting a model into a folder: whole or not at all, and never over another one."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from filelock import FileLock

from irrm_core.errors import ModelFileError, ModelNotFoundError, OutputExistsError, UsageError
from irrm_core.networks import RescalingNetwork
from irrm_core.zoo.card import Halo, LatentPolicy, ModelCard, first_id, split_id
from irrm_core.zoo.card_json import card_from_json, card_to_json
from irrm_core.zoo.registry import CARD, WEIGHTS, FoundModel, read_model_folder, scan, user_folder
from irrm_core.zoo.weights import checked, read_weights, weights_hash, weights_to_bytes

_PART = ".part-"


def save_model(
    folder: str | Path,
    network: RescalingNetwork,
    *,
    name: str,
    architecture: str,
    parameters: Mapping[str, Any],
    latent: LatentPolicy,
    halo: Halo,
    colour_space: str | None = None,
    training_data: str = "unknown",
    licence: str = "unknown",
    metrics: Mapping[str, Any] | None = None,
    training: Mapping[str, Any] | None = None,
    half: bool = False,
) -> ModelCard:
    """Write a network as a model: card and weights in ``folder/<id>/``.

    Parameters
    ----------
    folder : str or Path
        Folder of models, made if missing.
    network : RescalingNetwork
        Its tensors are stored in the type that they have, or as float16.
    name : str
        ``"irrm-fast-x4"`` takes the next free version, ``"irrm-fast-x4@1"`` that one.
    architecture, parameters
        As `irrm_core.networks.build` takes them.
    latent, halo, colour_space, training_data, licence, metrics, training
        As in `ModelCard`; the colour space is by default that of the channels.
    half : bool
        Store float16. The model then is these rounded values: measure halo and metrics on
        ``network.half().float()``.

    Returns
    -------
    ModelCard
        The card as written; the existing one when the newest version already is this model.

    Raises
    ------
    OutputExistsError
        The version exists with other weights: published weights never change.
    ValueError
        The name, the halo or the metrics cannot stand on a card.
    """
    state = network.state_dict()
    if half:
        state = {key: tensor.half() for key, tensor in state.items()}
    state = checked(state, name)
    card = ModelCard(
        id=first_id(name),
        architecture=architecture,
        parameters=dict(parameters),
        scale=network.scale,
        channels=network.channels,
        latent=latent,
        halo=halo,
        size_multiple=network.size_multiple,
        weights_hash=weights_hash(state),
        colour_space=colour_space or ("sRGB" if network.channels == 3 else "gray"),
        training_data=training_data,
        licence=licence,
        metrics=dict(metrics or {}),
        training=dict(training or {}),
    )
    if "@" not in name:
        card = _versioned(Path(folder), card)
    return install(Path(folder), card, weights_to_bytes(state))


def install(folder: Path, card: ModelCard, weights: bytes) -> ModelCard:
    """Write a card and its weights into ``folder/<id>``, atomically and under a lock.

    A damaged model of the same id is replaced if its card or its weights tell that it was
    the same one.

    Raises
    ------
    OutputExistsError
        The id exists with other weights.
    ModelFileError
        The card could not be read back.
    """
    text = card_to_json(card)
    card_from_json(text, card.id)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / card.id
    with FileLock(folder / ".lock"):
        # Holding the lock, any unfinished folder is that of a writer who died.
        _clear(folder)
        if target.exists():
            intact = _intact(target, card)
            if intact is not None:
                return intact
        part = Path(tempfile.mkdtemp(prefix=_PART, dir=folder))
        try:
            _write(part / WEIGHTS, weights)
            _write(part / CARD, text.encode())
            part.chmod(0o755)
            if target.exists():
                target.rename(folder / f"{_PART}{card.id}")
            part.rename(target)
        finally:
            _clear(folder)
    return card


def _clear(folder: Path) -> None:
    for part in folder.glob(f"{_PART}*"):
        shutil.rmtree(part, ignore_errors=True)


def _intact(target: Path, card: ModelCard) -> ModelCard | None:
    """Return the card of the model that is there, None if it is damaged but the same one."""
    there, actual = None, None
    with suppress(ModelFileError):
        there = read_model_folder(target).card
    with suppress(ModelFileError):
        actual = weights_hash(read_weights(target / WEIGHTS))
    told = there.weights_hash if there else actual
    if told != card.weights_hash:
        raise OutputExistsError(
            f"{target}: {card.id} exists with other or unreadable weights, and published weights "
            "never change; give the next version or another name, or remove the folder"
        )
    return there if actual == told else None


def _versioned(folder: Path, card: ModelCard) -> ModelCard:
    there = [f.card for f in _models(folder) if f.card.name == card.name]
    if not there:
        return card
    newest = max(there, key=lambda c: c.version)
    same = (newest.weights_hash, newest.latent) == (card.weights_hash, card.latent)
    return replace(card, id=f"{card.name}@{newest.version + (0 if same else 1)}")


def _models(folder: Path) -> list[FoundModel]:
    found = [f for f in scan() if isinstance(f, FoundModel)]
    for path in folder.glob(f"[!.]*/{CARD}"):
        try:
            found.append(read_model_folder(path.parent))
        except ModelFileError:
            continue
    return found


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def remove_model(model_id: str, folder: str | Path | None = None) -> Path:
    """Remove a model from the user's folder; those bundled with the package stay.

    Parameters
    ----------
    model_id : str
        Name and version: nothing else, so that nothing else is meant.
    folder : str or Path, optional
        Folder of models to remove it from; the user's by default.

    Returns
    -------
    Path
        Where it was.

    Raises
    ------
    ModelNotFoundError
        The folder has no model of this id.
    """
    folder = Path(folder) if folder else user_folder()
    target = folder / _checked_id(model_id)
    if not (target / CARD).exists():
        raise ModelNotFoundError(
            f"{target}: no such model; only those in {folder} can be removed, and only by id"
        )
    with FileLock(folder / ".lock"):
        _clear(folder)
        # Under its new name it is nobody's, and the next writer clears away what remains of it.
        target.rename(folder / f"{_PART}{model_id}")
        _clear(folder)
    return target


def _checked_id(model_id: str) -> str:
    try:
        split_id(model_id)
    except ValueError as error:
        raise UsageError(f"say which version to remove: {error}") from error
    return model_id
