"""Many models measured on many folders: what a table is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from irrm_core.benchmark import SIDE, cpu_seconds, noise, seconds_per_megapixel
from irrm_core.device import choose_device, set_threads
from irrm_core.errors import UsageError
from irrm_core.evaluation.folder import evaluate_folder
from irrm_core.evaluation.kept import Kept, folder_digest, key_of
from irrm_core.evaluation.result import Evaluation
from irrm_core.metrics import bicubic_roundtrip
from irrm_core.networks import cost
from irrm_core.progress import Cancel, NoProgress, Progress
from irrm_core.zoo import FoundModel, Model, find_model, load_model, scan
from irrm_core.zoo.card import split_id


@dataclass(frozen=True)
class Contestant:
    """What one model is and costs.

    Attributes
    ----------
    id, weights_hash : str
        Of the model.
    scale, channels : int
        Of the model.
    parameters : int
        Numbers in its state dict.
    multiply_adds : float
        Per HR pixel, one direction.
    seconds : float
        Of CPU time, of all threads together, for downscaling and restoring a megapixel of HR.
    """

    id: str
    weights_hash: str
    scale: int
    channels: int
    parameters: int
    multiply_adds: float
    seconds: float

    @property
    def name(self) -> str:
        """The id without its version."""
        return split_id(self.id)[0]

    @property
    def version(self) -> int:
        """The version in the id."""
        return split_id(self.id)[1]


@dataclass(frozen=True)
class Survey:
    """Models measured on folders.

    Attributes
    ----------
    folders : tuple of str
        Names of the folders, in the order given.
    models : tuple of Contestant
        In the order given.
    evaluations : tuple of Evaluation
        Folder by folder, of each the models.
    bicubic_seconds : tuple of (int, int, float)
        Scale, channels, and seconds of CPU time for a megapixel down and up by bicubic.
    device : str
        That the figures were measured on; times are always those of the CPU.
    precision : str
        ``"auto"`` or ``"fp32"``, of figures and times.
    threads : int
        Of the CPU.
    """

    folders: tuple[str, ...]
    models: tuple[Contestant, ...]
    evaluations: tuple[Evaluation, ...]
    bicubic_seconds: tuple[tuple[int, int, float], ...]
    device: str
    precision: str
    threads: int

    def of(self, model: Contestant, folder: str) -> Evaluation:
        """Return the evaluation of a model on a folder."""
        return next(
            e
            for e in self.evaluations
            if Path(e.folder).name == folder
            and (e.model, e.weights_hash) == (model.id, model.weights_hash)
        )

    def newest(self) -> Survey:
        """Return the survey of the newest version of each model."""
        versions = {m.name: m.version for m in sorted(self.models, key=lambda m: m.version)}
        return replace(self, models=tuple(m for m in self.models if m.version == versions[m.name]))

    def to_dict(self) -> dict[str, Any]:
        """Return everything, ready for JSON."""
        return {
            "device": self.device,
            "precision": self.precision,
            "threads": self.threads,
            "models": [asdict(model) for model in self.models],
            "bicubic": [
                {"scale": scale, "channels": channels, "seconds": seconds}
                for scale, channels, seconds in self.bicubic_seconds
            ],
            "evaluations": [evaluation.to_dict() for evaluation in self.evaluations],
        }


def survey(
    folders: Sequence[Path],
    models: Sequence[str | Path] | None = None,
    *,
    device: str = "auto",
    precision: str = "fp32",
    seed: int = 0,
    tile: int | None = None,
    threads: int | None = None,
    max_pixels: int,
    kept: Path | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Survey:
    """Measure models on folders of images, and how long they take on the CPU.

    Parameters
    ----------
    folders : sequence of Path
        Of images; their names must differ.
    models : sequence of str or Path, optional
        To measure; by default every usable one.
    device, precision, seed, tile, threads, max_pixels
        As `evaluate_folder` takes them.
    kept : Path, optional
        File that results are kept in and taken from: what was cancelled goes on, and a new
        model does not measure the others again. Times are always measured.
    progress, cancel
        Told of each model on each folder, and of their images; looked at between tiles.

    Returns
    -------
    Survey
        Images that cannot be measured are named in the evaluations, and in no mean.

    Raises
    ------
    UsageError
        A folder is missing or has no images, two are called alike, or there is no model.
    """
    progress, cancel = progress or NoProgress(), cancel or Cancel()
    folders = [folder.absolute() for folder in folders]
    if len({folder.name for folder in folders}) < len(folders):
        raise UsageError("two folders have the same name, which is that of a column; rename one")
    digests = [folder_digest(folder) for folder in folders]
    memory = Kept(kept)
    chosen = (
        usable_models()
        if models is None
        else list({found.folder: found for found in map(find_model, models)}.values())
    )
    if not chosen:
        raise UsageError("there is no model to measure; `irrm models fetch` brings some")
    threads = set_threads(threads)
    # First, because it loads every model: a damaged one is told before the long work.
    contestants = _contestants([model.folder for model in chosen], precision, progress, cancel)
    options = {"precision": precision, "seed": seed, "tile": tile}
    options["device"] = choose_device(device).device
    found: list[Evaluation] = []
    progress.begin("models on folders", len(chosen) * len(folders))
    try:
        for folder, digest in zip(folders, digests, strict=True):
            for model in chosen:
                key = key_of(model.card, digest, **options)
                result = memory.get(key, str(folder))
                if result is None:
                    result = evaluate_folder(
                        folder,
                        model.folder,
                        device=device,
                        precision=precision,
                        seed=seed,
                        tile=tile,
                        max_pixels=max_pixels,
                        split=True,
                        strict=False,
                        progress=progress,
                        cancel=cancel,
                    )
                    memory.put(key, result)
                found.append(result)
                progress.advance()
    finally:
        progress.end()
    kinds = sorted({(model.scale, model.channels) for model in contestants})
    return Survey(
        folders=tuple(folder.name for folder in folders),
        models=contestants,
        evaluations=tuple(found),
        bicubic_seconds=tuple((*kind, _bicubic_seconds(*kind)) for kind in kinds),
        device=str(choose_device(device)),
        precision=precision,
        threads=threads,
    )


def usable_models() -> list[FoundModel]:
    """Return every model that is found, once each, by id."""
    found = [entry for entry in scan() if isinstance(entry, FoundModel)]
    # Of those alike the first of the search order stays.
    each = {(f.card.id, f.card.weights_hash): f for f in reversed(found)}
    return sorted(each.values(), key=lambda f: (f.card.scale, f.card.id))


def _contestants(
    models: Sequence[Path], precision: str, progress: Progress, cancel: Cancel
) -> tuple[Contestant, ...]:
    done = []
    progress.begin("timing", len(models))
    try:
        for folder in models:
            done.append(_contestant(load_model(folder, device="cpu"), precision, cancel))
            progress.advance()
    finally:
        progress.end()
    return tuple(done)


def _contestant(model: Model, precision: str, cancel: Cancel) -> Contestant:
    price = cost(model.network)
    return Contestant(
        id=model.card.id,
        weights_hash=model.card.weights_hash,
        scale=model.card.scale,
        channels=model.card.channels,
        parameters=price.parameters,
        multiply_adds=price.multiply_adds,
        seconds=cpu_seconds(model, precision=precision, cancel=cancel),
    )


def _bicubic_seconds(scale: int, channels: int) -> float:
    image = noise((SIDE, SIDE), channels)
    return seconds_per_megapixel(lambda: bicubic_roundtrip(image, scale))
