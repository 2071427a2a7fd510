"""Bringing models into the user's folder, verified and whole or not at all, and out of it.

Nothing is downloaded unless this is called; ``IRRM_OFFLINE=1`` forbids it altogether.
"""

from __future__ import annotations

from pathlib import Path

from irrm_core.errors import ModelFileError, ModelNotFoundError, OutputExistsError
from irrm_core.progress import Cancel, NoProgress, Progress
from irrm_core.zoo.card import ModelCard
from irrm_core.zoo.model import verified_network
from irrm_core.zoo.registry import CARD, FoundModel, read_model_folder, scan, user_folder
from irrm_core.zoo.source import open_source
from irrm_core.zoo.store import install
from irrm_core.zoo.weights import read_limited, weights_from_bytes


def fetch_model(
    reference: str,
    source: str | Path | None = None,
    *,
    expected_hash: str | None = None,
    folder: str | Path | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> ModelCard:
    """Copy a model from elsewhere into the user's folder, verified and whole or not at all.

    Parameters
    ----------
    reference : str
        An id, a name (its newest version), or a weights hash or at least 8 digits of its
        beginning. A server without an index can only be asked for an id.
    source : str or Path, optional
        A folder of models, or the ``https``, ``http`` or ``file`` address of one. By
        default ``IRRM_MODEL_SOURCE``.
    expected_hash : str, optional
        The weights hash that it must have, for instance from an LR file.
    folder : str or Path, optional
        Folder to copy to; the user's by default.
    progress, cancel
        Told of each kilobyte; asked between them.

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
        The id exists with other weights.
    Cancelled
        `cancel` was flipped; nothing was kept.
    """
    card, content, origin = open_source(source).get(
        reference, progress or NoProgress(), cancel or Cancel()
    )
    if expected_hash is not None and card.weights_hash != expected_hash:
        raise ModelFileError(
            f"{origin}: {card.id} has weights {card.weights_hash[:12]}, not the expected "
            f"{expected_hash[:12]}; nothing was kept"
        )
    return _keep(card, content, origin, folder)


def add_models(place: str | Path, *, folder: str | Path | None = None) -> list[ModelCard]:
    """Copy models that lie on this machine into the user's folder.

    Parameters
    ----------
    place : str or Path
        The folder of a model, a folder of such folders, or that of a finished training run.
    folder : str or Path, optional
        Folder to copy to; the user's by default.

    Returns
    -------
    list of ModelCard
        Of the models as they now lie in the folder.

    Raises
    ------
    ModelNotFoundError
        There is no model.
    ModelFileError
        One is damaged; those before it were added.
    OutputExistsError
        An id exists with other weights.
    """
    found = _models_at(Path(place).expanduser())
    return [
        _keep(model.card, read_limited(model.weights), str(model.weights), folder)
        for model in found
    ]


def _models_at(place: Path) -> list[FoundModel]:
    if (place / CARD).exists():
        return [read_model_folder(place)]
    for parent in (place, place / "models"):
        found = list(scan([parent]))
        for entry in found:
            if not isinstance(entry, FoundModel):
                raise entry.error
        if found:
            return [entry for entry in found if isinstance(entry, FoundModel)]
    raise ModelNotFoundError(
        f"{place}: no model, folder of models or finished run; a published checkpoint enters by "
        "`irrm models import`"
    )


def _keep(card: ModelCard, content: bytes, origin: str, folder: str | Path | None) -> ModelCard:
    verified_network(card, weights_from_bytes(content, origin), origin)
    for other in scan():
        if (
            isinstance(other, FoundModel)
            and other.card.id == card.id
            and other.card.weights_hash != card.weights_hash
        ):
            raise OutputExistsError(
                f"{origin}: {card.id} exists with other weights in {other.folder}, and published "
                "weights never change; give this one the next version or another name"
            )
    return install(Path(folder) if folder else user_folder(), card, content)
