"""Where models are looked for, and which one a name, a hash or a path means.

A model is a folder with ``card.json`` and ``weights.safetensors``. Folders of such folders
are searched in this order: those registered by code, the user's (``IRRM_MODEL_DIR``, or the
platform's data folder), the bundled one. Nothing is searched before it is asked for.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from irrm_core.errors import ModelFileError, ModelNotFoundError
from irrm_core.zoo.card import ModelCard, is_hash_prefix
from irrm_core.zoo.card_json import MAX_CARD_BYTES, card_from_json

CARD = "card.json"
WEIGHTS = "weights.safetensors"

_BUNDLED = Path(__file__).parent / "bundled"
_registered: list[Path] = []


@dataclass(frozen=True)
class FoundModel:
    """A model on this machine.

    Attributes
    ----------
    folder : Path
        Holds the card and the weights.
    card : ModelCard
        The card, checked; the weights have not been looked at.
    """

    folder: Path
    card: ModelCard

    @property
    def weights(self) -> Path:
        """The weights file."""
        return self.folder / WEIGHTS


@dataclass(frozen=True)
class DamagedModel:
    """A model folder whose card cannot be used.

    Attributes
    ----------
    folder : Path
        The model's folder.
    error : ModelFileError
        Why.
    """

    folder: Path
    error: ModelFileError


def register_folder(folder: str | Path) -> None:
    """Search a folder of models before all others, from now on in this process."""
    path = Path(folder).absolute()
    if path not in _registered:
        _registered.insert(0, path)


def user_folder() -> Path:
    """Return the folder that imports and downloads go to; it may not exist yet."""
    chosen = os.environ.get("IRRM_MODEL_DIR")
    if chosen:
        return Path(chosen).expanduser().absolute()
    import platformdirs

    return platformdirs.user_data_path("irrm", appauthor=False) / "models"


def search_folders() -> list[Path]:
    """Return the folders of models in the order in which they are searched."""
    return [*_registered, user_folder(), _BUNDLED]


def scan(folders: Iterable[Path] | None = None) -> Iterator[FoundModel | DamagedModel]:
    """Read every card in the search folders, or in these; a damaged one hides no others."""
    for folder in search_folders() if folders is None else folders:
        try:
            inside = sorted(folder.iterdir())
        except OSError:
            continue
        for model in inside:
            if not model.name.startswith(".") and (model / CARD).exists():
                yield _read(model)


def _read(folder: Path) -> FoundModel | DamagedModel:
    try:
        return read_model_folder(folder)
    except ModelFileError as error:
        return DamagedModel(folder, error)


def read_model_folder(folder: Path) -> FoundModel:
    """Read the card of one model folder.

    Raises
    ------
    ModelFileError
        The card is missing or damaged.
    """
    path = folder / CARD
    try:
        with path.open("rb") as file:
            text = file.read(MAX_CARD_BYTES + 1)
    except OSError as error:
        raise ModelFileError(f"{path}: the model card cannot be read: {error}") from error
    if len(text) > MAX_CARD_BYTES:
        raise ModelFileError(f"{path}: too long for a model card")
    return FoundModel(folder, card_from_json(text, path))


def list_models() -> list[ModelCard]:
    """Return the cards of all usable models, by name, newest version first.

    The same weights under the same id are listed once, wherever they lie.
    """
    found = [entry.card for entry in scan() if isinstance(entry, FoundModel)]
    cards = {(card.id, card.weights_hash): card for card in reversed(found)}
    return sorted(cards.values(), key=lambda card: (card.name, -card.version))


def find_card(reference: str | Path) -> ModelCard:
    """Return the card of the model that `reference` means; see `find_model`."""
    return find_model(reference).card


def find_model(reference: str | Path, folders: Iterable[Path] | None = None) -> FoundModel:
    """Find a model.

    Parameters
    ----------
    reference : str or Path
        An id (``irrm-fast-x4@1``), a name (its newest version), a weights hash or at least
        8 digits of its beginning, or the path of a model folder or of a file in it.
    folders : iterable of Path, optional
        Where to look, in place of the search folders.

    Raises
    ------
    ModelNotFoundError
        Nothing, or more than one set of weights, goes by this reference.
    ModelFileError
        What goes by it is damaged.
    """
    if isinstance(reference, Path):
        return _by_path(reference)
    places = search_folders() if folders is None else list(folders)
    entries = list(scan(places))
    found = [entry for entry in entries if isinstance(entry, FoundModel)]
    if is_hash_prefix(reference):
        return _by_hash(reference, found, places)
    named = [f for f in found if reference in (f.card.id, f.card.name)]
    if named:
        # max keeps the first of equals: the search order decides.
        return max(named, key=lambda found: found.card.version)
    for entry in entries:
        if isinstance(entry, DamagedModel) and _called(entry.folder.name, reference):
            raise entry.error
    if Path(reference).exists():
        return _by_path(Path(reference))
    known = sorted({f.card.id for f in found})
    raise ModelNotFoundError(
        f"no model {reference!r} in {_told(places)}; "
        + (f"there are {', '.join(known)}" if known else "there is none at all")
        + "; `irrm models fetch` or `irrm models import` adds one"
    )


def _called(folder: str, reference: str) -> bool:
    return reference in (folder, folder.partition("@")[0])


def _by_path(path: Path) -> FoundModel:
    if path.name in (CARD, WEIGHTS):
        path = path.parent
    if not path.exists():
        raise ModelNotFoundError(f"{path}: no such model folder; `irrm models list` shows others")
    if not (path / CARD).exists():
        raise ModelNotFoundError(
            f"{path}: not a model folder, it has no {CARD}; "
            "a published checkpoint enters by `irrm models import`"
        )
    return read_model_folder(path)


def _by_hash(prefix: str, models: list[FoundModel], places: list[Path]) -> FoundModel:
    found = [model for model in models if model.card.weights_hash.startswith(prefix)]
    hashes = {model.card.weights_hash for model in found}
    if not found:
        raise ModelNotFoundError(
            f"no model with weights {prefix} in {_told(places)}; fetch or import the model that "
            "the file names"
        )
    if len(hashes) > 1:
        raise ModelNotFoundError(
            f"{prefix} is the beginning of {len(hashes)} weights hashes; give more digits"
        )
    return found[0]


def _told(places: list[Path]) -> str:
    return ", ".join("the bundled ones" if path == _BUNDLED else str(path) for path in places)
