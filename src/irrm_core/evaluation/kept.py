"""Evaluations kept in a file, so that what was measured once need not be measured again."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from irrm_core.errors import UsageError
from irrm_core.evaluation.folder import image_paths
from irrm_core.evaluation.result import Evaluation
from irrm_core.imagefile import atomic_output

if TYPE_CHECKING:
    from irrm_core.zoo import ModelCard

_FORMAT = 1


class Kept:
    """What was measured before, in a JSON file that grows with every result.

    A result is found again for the same model, images, options, and versions of this package
    and of torch. After a change of the code itself, remove the file.

    Parameters
    ----------
    path : Path, optional
        The file; made when there is something to keep. None keeps nothing.

    Raises
    ------
    UsageError
        The file holds something else, or its folder is missing.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._results: dict[str, Any] = {}
        if path is None:
            return
        if not path.parent.is_dir():
            raise UsageError(f"{path.parent}: no such folder to keep results in; make it first")
        if not path.exists():
            return
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            if document["format"] != _FORMAT:
                raise ValueError("it is of another version")
            self._results = dict(document["results"])
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise UsageError(
                f"{path}: cannot be used to keep results: {error}; remove it, or name another file"
            ) from error

    def get(self, key: str, folder: str) -> Evaluation | None:
        """Return the result of a key, as measured on `folder`; a damaged one is none."""
        try:
            return Evaluation.from_dict(self._results[key] | {"folder": folder})
        except (KeyError, TypeError):
            return None

    def put(self, key: str, result: Evaluation) -> None:
        """Keep a result; one with images that failed is not kept, they may be mended."""
        if self._path is None or result.failed:
            return
        self._results[key] = result.to_dict()
        document = {"format": _FORMAT, "results": self._results}
        with atomic_output(self._path, overwrite=True) as stream:
            stream.write(json.dumps(document).encode())


def key_of(card: ModelCard, images: str, **options: object) -> str:
    """Return what a result is found by.

    Parameters
    ----------
    card : ModelCard
        Of the model.
    images : str
        `folder_digest`.
    **options
        All else that figures depend on.
    """
    versions = [_version("napari-irrm"), _version("torch")]
    told = [
        card.id,
        card.weights_hash,
        repr(card.latent),
        images,
        sorted(options.items()),
        versions,
    ]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def folder_digest(folder: Path) -> str:
    """Return the SHA-256 over names and contents of the images of a folder."""
    digest = hashlib.sha256()
    for path in image_paths(folder):
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        digest.update(f"{path.relative_to(folder).as_posix()}\n{content}\n".encode())
    return digest.hexdigest()


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "not installed"
