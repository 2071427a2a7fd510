"""Assess files one after another; each is in memory alone."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from irrm_core.archive.assess.choice import choose
from irrm_core.archive.assess.crops import Cropper
from irrm_core.archive.assess.metadata import metadata_size
from irrm_core.archive.assess.trial import Contest, restored_from_disk
from irrm_core.archive.assess.values import FileAssessment, Left
from irrm_core.archive.classes import Rule
from irrm_core.archive.classes.excluded import exclusion, neighbours
from irrm_core.archive.classes.parts import other_files
from irrm_core.archive.classes.unkept import lost_beside
from irrm_core.archive.codecs import Picture, lossless_forms
from irrm_core.archive.lrfile import embedded_kind
from irrm_core.engine import Layout
from irrm_core.errors import (
    Cancelled,
    ImageTooLargeError,
    IrrmError,
    ModelFileError,
    ModelNotFoundError,
    UsageError,
)
from irrm_core.imagefile import open_image
from irrm_core.progress import Cancel, NoProgress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from irrm_core.archive.assess.models import ModelField
    from irrm_core.archive.assess.selection import Selection
    from irrm_core.archive.codecs import LosslessForm
    from irrm_core.progress import Progress

MAX_PIXELS = 100_000_000
"""Pixels in all planes of a file that is assessed by default: it is held whole, several times."""


@dataclass(frozen=True)
class Assessment:
    """Files and what each takes in every form.

    Attributes
    ----------
    selection : Selection
        What was asked for.
    rule : Rule or None
        By which classes were chosen; None where files had different ones.
    files : tuple of FileAssessment
        Those that could be assessed, in order.
    left : tuple of Left
        The others, with the reason.
    """

    selection: Selection
    rule: Rule | None
    files: tuple[FileAssessment, ...]
    left: tuple[Left, ...]


@dataclass(frozen=True)
class Terms:
    """On which a file is assessed.

    Attributes
    ----------
    models : ModelField
        To try; one for many files, since it keeps the models that were loaded.
    rule : Rule
        By which the class is chosen; its model and precision are without meaning here.
    """

    models: ModelField
    rule: Rule = field(default_factory=Rule)


def assess(
    selection: Selection,
    terms: Terms | Callable[[Path], Terms],
    *,
    pictures: int = 0,
    max_pixels: int = MAX_PIXELS,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Assessment:
    """Measure every file of a selection in every form.

    Parameters
    ----------
    selection : Selection
        The files; LR files and restorations among them are left out.
    terms : Terms or callable
        Models and rule: of all files, or of each by its path.
    pictures : int
        Of so many files crops are kept, spread over the selection.
    max_pixels : int
        Files of more pixels in all planes are left out.
    progress, cancel
        Told of files, tiles and codecs; looked at between them.

    Raises
    ------
    Cancelled
        `cancel` was flipped; nothing is left behind.
    ModelNotFoundError, ModelFileError
        No model fits, or one is damaged.
    """
    progress, cancel = progress or NoProgress(), cancel or Cancel()
    terms_of = terms if callable(terms) else lambda _path: terms
    rules: list[Rule] = []
    files: list[FileAssessment] = []
    left: list[Left] = []
    progress.begin("files", len(selection.paths))
    try:
        for path, shown in _with_pictures(selection.paths, pictures):
            cancel.check()
            try:
                of_file = terms_of(path)
                files.append(
                    assess_file(
                        path,
                        of_file,
                        crops=shown,
                        max_pixels=max_pixels,
                        progress=progress,
                        cancel=cancel,
                    )
                )
                rules.append(of_file.rule)
            except (Cancelled, ModelNotFoundError, ModelFileError):
                raise
            except (UsageError, ImageTooLargeError) as error:
                left.append(Left(path, str(error), damaged=False))
            except (IrrmError, OSError) as error:
                left.append(Left(path, str(error), damaged=True))
            progress.advance()
    finally:
        progress.end()
    same = all(rule == rules[0] for rule in rules)
    rule = (rules[0] if rules else Rule()) if same else None
    return Assessment(selection, rule, tuple(files), tuple(left))


def assess_file(
    path: Path,
    terms: Terms,
    *,
    crops: bool = False,
    max_pixels: int = MAX_PIXELS,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> FileAssessment:
    """Measure one file in every form.

    Parameters
    ----------
    path : Path
        The file.
    terms : Terms
        Models to try, and the rule by which the class is chosen.
    crops : bool
        Whether to cut out parts to look at.
    max_pixels : int
        In all planes.
    progress, cancel
        Told of tiles and codecs; looked at between them.

    Raises
    ------
    UsageError
        The file is an LR file or a restoration, RAW, part of a multi-file format, or of a kind
        that is not rescaled.
    ImageTooLargeError
        It has too many pixels.
    ImageFileError, ImageDataError
        It is damaged, or its pixels cannot be rescaled.
    """
    progress, cancel = progress or NoProgress(), cancel or Cancel()
    kind = embedded_kind(path)
    if kind is not None:
        raise UsageError(f"{path}: is {kind}")
    if excluded := exclusion(os.fsencode(path.name), neighbours(path.parent)) or other_files(path):
        raise UsageError(f"{path}: {excluded}; the archive leaves it alone")
    with open_image(path, max_pixels=max_pixels) as reader:
        info = reader.info
        image = reader.read()
    layout = Layout(info.axes, info.shape)
    carried = metadata_size(info.metadata)
    lost = lost_beside(path)
    trials, rows = [], []
    contest: Contest | None = None
    with tempfile.TemporaryDirectory(prefix="irrm-assess-") as folder:
        for rescaler in terms.models.for_colours(layout.colours):
            restored = restored_from_disk(
                path,
                Path(folder),
                rescaler,
                max_pixels=max_pixels,
                progress=progress,
                cancel=cancel,
            )
            if contest is None:
                picture = Picture.of(image, restored.lr.record)
                contest = Contest(picture, carried, progress, cancel)
                cropper = Cropper(picture) if crops else None
            trial, equal = contest.trial(restored, terms.rule.floors, equal=crops, lost=lost)
            trials.append(trial)
            if cropper is not None:
                rows.append(cropper.row(restored, equal))
    cancel.check()
    forms: tuple[LosslessForm, ...] = lossless_forms(path, info.format, image, layout, carried)
    size = path.stat().st_size
    return FileAssessment(
        path=path,
        size=size,
        shape=info.shape,
        axes=info.axes,
        dtype=info.dtype.name,
        format=info.format,
        metadata_size=carried,
        trials=tuple(trials),
        forms=forms,
        choice=choose(size, trials, forms, terms.rule),
        crops=tuple(rows),
    )


def _with_pictures(paths: Sequence[Path], pictures: int) -> Iterator[tuple[Path, bool]]:
    """Give every path, and whether it is one of so many that are spread evenly."""
    count = len(paths)
    wanted = min(pictures, count)
    shown = {index * count // wanted for index in range(wanted)}
    for index, path in enumerate(paths):
        yield path, index in shown
