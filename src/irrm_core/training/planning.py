"""Everything that is decided before a run begins, so that it fails early or not at all."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from irrm_core.errors import ModelFileError, OutputExistsError, UsageError
from irrm_core.progress import Cancel, Progress
from irrm_core.training.base import Base, find_base
from irrm_core.training.files import Survey, survey
from irrm_core.training.fine_tuning import fine_tuning, named, started_from
from irrm_core.training.held_out import hold_out
from irrm_core.training.pictures import Pictures, load_pictures
from irrm_core.training.recipe import Recipe, read_recipe, recipe_from
from irrm_core.training.start import starting_network

_NAMED = 5


@dataclass(frozen=True)
class Plan:
    """What `irrm_core.training.train` is given.

    Attributes
    ----------
    recipe : Recipe
        To train by.
    training : Pictures
        To train on.
    held : Pictures, optional
        To measure with; None where there is only one picture.
    start_from : Path, optional
        Weights to start from.
    told : tuple of str
        What people should know of these decisions, a line each.
    """

    recipe: Recipe
    training: Pictures
    held: Pictures | None
    start_from: Path | None
    told: tuple[str, ...]


def plan(
    data: str | Path,
    out: str | Path,
    *,
    recipe: str | Path | None = None,
    start_from: str | Path | None = None,
    name: str | None = None,
    steps: int | None = None,
    validation: str | Path | None = None,
    resume: bool = False,
    skip_unreadable: bool = False,
    device: str = "cpu",
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Plan:
    """Decide on the recipe of a run and read its pictures.

    Parameters
    ----------
    data, validation : path
        Folders of pictures. Without `validation` some of `data` are held out.
    out : path
        Folder of the run.
    recipe : path, optional
        TOML file. Left out, a run that is resumed goes on by its own, and a model that is
        started from is fine-tuned by `fine_tuning`.
    start_from : str or path, optional
        As `find_base` takes it; a run that is resumed has its start already.
    name, steps : optional
        In place of the recipe's.
    resume : bool
        Go on with the run in `out`.
    skip_unreadable : bool
        Leave out files that cannot be read.
    device : str
        That will train, as torch names it.
    progress, cancel
        See `irrm_core.progress`.

    Raises
    ------
    OutputExistsError
        `out` holds a run and `resume` is false.
    UsageError
        Recipe, model and pictures do not fit together; a picture is in both folders; there
        is neither recipe nor model, or no run to resume.
    ImageFileError
        Files cannot be read; the message names them all.
    ModelNotFoundError, ModelFileError
        As `find_base` raises them.
    """
    out = Path(out)
    if not resume and (out / "run.json").exists():
        raise OutputExistsError(f"{out}: holds a run already; resume it or choose another folder")
    base = None if resume or start_from is None else find_base(start_from)
    found = survey(data, cancel)
    apart = None if validation is None else survey(validation, cancel)
    if apart is not None:
        _refuse_overlap(found, apart)
    before = _of_run(out, needed=recipe is None) if resume else None
    chosen = named(_recipe(recipe, base, before, found, device), name, steps)
    network = starting_network(chosen, base.weights if base else None)
    pictures = load_pictures(
        found,
        channels=network.channels,
        smallest=chosen.data.patch,
        gigabytes=chosen.data.gigabytes,
        copies=chosen.data.copies,
        skip_unreadable=skip_unreadable,
        seed=chosen.seed,
        progress=progress,
        cancel=cancel,
    )
    if apart is None:
        training, held = hold_out(pictures)
    else:
        training, held = (
            pictures,
            load_pictures(
                apart,
                channels=network.channels,
                smallest=network.size_multiple,
                most=chosen.validation.images,
                skip_unreadable=skip_unreadable,
                progress=progress,
                cancel=cancel,
            ),
        )
    told = _told(chosen, base, found, training, held if apart is None else None)
    if held is None:
        told.append(
            "nothing is measured: of a single picture none is held out; name others with "
            "--validation"
        )
    return Plan(chosen, training, held, base.weights if base else None, tuple(told))


def _recipe(
    path: str | Path | None, base: Base | None, before: Recipe | None, found: Survey, device: str
) -> Recipe:
    """Return the recipe given, else the run's own, else one that fine-tunes."""
    if path is None:
        if before is not None:
            return before
        if base is not None:
            return fine_tuning(base, found, device=device)
        raise UsageError("nothing says what to train: give a recipe, or a model with --from")
    recipe = read_recipe(path)
    if base is not None:
        return started_from(recipe, base)
    if before is not None and before.model.base:
        # What the run started from, its own recipe knows and the file does not.
        was = before.model
        known = replace(
            recipe.model,
            training_data=was.training_data,
            licence=was.licence,
            base=was.base,
            base_weights=was.base_weights,
        )
        return replace(recipe, model=known)
    return recipe


def _of_run(out: Path, *, needed: bool) -> Recipe | None:
    """Return the recipe of the run in a folder; one that cannot be read may not be needed."""
    path = out / "run.json"
    if not path.is_file():
        raise UsageError(f"{out}: holds no run to resume; start one without --resume")
    try:
        return recipe_from(json.loads(path.read_text(encoding="utf-8"))["recipe"])
    except (ValueError, KeyError) as error:
        if not needed:
            return None
        raise ModelFileError(
            f"{path}: missing or damaged; start another run, with --from and what is whole of "
            "this one"
        ) from error


def _refuse_overlap(found: Survey, apart: Survey) -> None:
    ours = {file.path.resolve() for file in found.files}
    shared = [file.path for file in apart.files if file.path.resolve() in ours]
    if shared:
        raise UsageError(
            f"{apart.folder}: {len(shared)} of its {len(apart.files)} files are in {found.folder} "
            f"too, {shared[0].name} for one; a run must be measured on pictures that it does not "
            "train on: name folders apart, or leave --validation out and some are held out"
        )


def _told(
    recipe: Recipe, base: Base | None, found: Survey, training: Pictures, held: Pictures | None
) -> list[str]:
    """Say what will be used, what will not, and why."""
    pictures = training.pictures
    deep = sum(picture.deep for picture in pictures)
    gray = sum(picture.pixels.shape[2] == 1 for picture in pictures)
    files = len({picture.path for picture in pictures})
    depths = {0: "8 bits", len(pictures): "16 bits"}.get(deep, f"{deep} of them of 16 bits")
    lines = [
        f"{_counted(len(pictures), 'picture')} of {_counted(files, 'file')} to train on, {depths}, "
        + ("single-channel" if training.channels == 1 else "RGB")
    ]
    if training.channels == 3 and gray:
        lines.append(f"{_counted(gray, 'gray picture')} tripled; a gray model suits them better")
    if held is not None:
        names = sorted({picture.path.name for picture in held.pictures})
        count = _counted(len(held.pictures), "picture")
        lines.append(f"held out to measure with: {count}, {_listed(names)}")
    if training.left_out:
        lines.append(
            f"{_counted(training.left_out, 'picture')} left out at random: more than "
            f"{recipe.data.gigabytes:g} GB (data.gigabytes in a recipe)"
        )
    if training.small:
        names = [path.name for path in training.small]
        small = _counted(len(names), "file")
        lines.append(f"{small} left out, smaller than {recipe.data.patch} pixels: {_listed(names)}")
    if found.made_here:
        names = [path.name for path in found.made_here]
        made = _counted(len(names), "file")
        lines.append(f"{made} left out, an LR or a restoration by name: {_listed(names)}")
    lines += [f"left out: {message}" for message in training.unreadable]
    if base is not None:
        lines.append(f"starting from {base.name}: {recipe.optimiser.steps} steps")
    return lines


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
