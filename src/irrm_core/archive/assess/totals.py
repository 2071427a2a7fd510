"""The sums over all files. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from irrm_core.archive.catalogue import StorageClass
from irrm_core.archive.codecs import CODECS, LOSSLESS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from irrm_core.archive.assess.quality import Quality
    from irrm_core.archive.assess.values import FileAssessment, Trial


@dataclass(frozen=True)
class CodecSum:
    """A codec at the PSNR of one model's LR files, over the files that it has.

    Attributes
    ----------
    codec : str
        A key of `CODECS`.
    files : int
        That it can hold at that PSNR.
    bytes : int
        Of its files.
    original_bytes, lr_bytes : int
        Of these files, and of their LR files.
    psnr, ssim : float or None
        Means over the files.
    problems : tuple of str
        Why it has not all files, each reason once.
    """

    codec: str
    files: int
    bytes: int
    original_bytes: int
    lr_bytes: int
    psnr: float | None
    ssim: float | None
    problems: tuple[str, ...]

    @property
    def ratio(self) -> float | None:
        """Its bytes over those of the LR files."""
        return self.bytes / self.lr_bytes if self.files else None


@dataclass(frozen=True)
class ModelSum:
    """The LR files of one model.

    Attributes
    ----------
    model : str
        Its id.
    scale : int
        Of the model.
    files : int
        That it was tried on.
    original_bytes, bytes : int
        Of these files, and of their LR files.
    psnr, ssim : float or None
        Means over the files.
    passing : int
        Files that reach the floors.
    codecs : tuple of CodecSum
        Beside it.
    """

    model: str
    scale: int
    files: int
    original_bytes: int
    bytes: int
    psnr: float | None
    ssim: float | None
    passing: int
    codecs: tuple[CodecSum, ...]

    def codec(self, name: str) -> CodecSum:
        """Return one of the codecs."""
        return next(codec for codec in self.codecs if codec.codec == name)


@dataclass(frozen=True)
class FormSum:
    """A form without loss, over the files that it can hold."""

    form: str
    gives_back: str
    files: int
    original_bytes: int
    bytes: int


@dataclass(frozen=True)
class ClassSum:
    """The files of one storage class, and what they would take."""

    storage: str
    files: int
    original_bytes: int
    bytes: int


@dataclass(frozen=True)
class Totals:
    """An assessment in sum.

    Attributes
    ----------
    files : int
        Assessed.
    bytes : int
        Of the originals.
    stored_bytes : int
        That they would take in the archive.
    models, forms, classes : tuple
        By model, by form without loss, by storage class.
    """

    files: int
    bytes: int
    stored_bytes: int
    models: tuple[ModelSum, ...]
    forms: tuple[FormSum, ...]
    classes: tuple[ClassSum, ...]

    def of_class(self, storage: StorageClass) -> ClassSum:
        """Return the sum of one storage class."""
        return next(each for each in self.classes if each.storage == storage)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        return asdict(self)


def totals(files: Sequence[FileAssessment]) -> Totals:
    """Sum up files."""
    trials: dict[str, list[tuple[FileAssessment, Trial]]] = {}
    for file in files:
        for trial in file.trials:
            trials.setdefault(trial.model, []).append((file, trial))
    models = sorted(trials.values(), key=lambda pairs: (pairs[0][1].scale, pairs[0][1].model))
    return Totals(
        files=len(files),
        bytes=sum(file.size for file in files),
        stored_bytes=sum(file.choice.size for file in files),
        models=tuple(_model(pairs) for pairs in models),
        forms=tuple(form for name in LOSSLESS if (form := _form(name, files)).files),
        classes=tuple(_class(storage, files) for storage in StorageClass),
    )


def _model(pairs: list[tuple[FileAssessment, Trial]]) -> ModelSum:
    tried = [trial for _, trial in pairs]
    return ModelSum(
        model=tried[0].model,
        scale=tried[0].scale,
        files=len(tried),
        original_bytes=sum(file.size for file, _ in pairs),
        bytes=sum(trial.size for trial in tried),
        psnr=_mean_psnr(trial.quality for trial in tried),
        ssim=_mean(trial.quality.ssim for trial in tried),
        passing=sum(not trial.failures for trial in tried),
        codecs=tuple(_codec(name, pairs) for name in CODECS),
    )


def _codec(name: str, pairs: list[tuple[FileAssessment, Trial]]) -> CodecSum:
    matches = [trial.match(name) for _, trial in pairs]
    held = [pair for pair, match in zip(pairs, matches, strict=True) if match.size is not None]
    qualities = [match.quality for match in matches if match.quality is not None]
    problems = dict.fromkeys(match.problem for match in matches if match.problem)
    return CodecSum(
        codec=name,
        files=len(held),
        bytes=sum(match.size or 0 for match in matches),
        original_bytes=sum(file.size for file, _ in held),
        lr_bytes=sum(trial.size for _, trial in held),
        psnr=_mean_psnr(qualities),
        ssim=_mean(quality.ssim for quality in qualities),
        problems=tuple(str(problem) for problem in problems),
    )


def _form(name: str, files: Sequence[FileAssessment]) -> FormSum:
    pairs = [(file, form) for file in files for form in file.forms if form.name == name]
    held = [(file, form, form.size) for file, form in pairs if form.size is not None]
    return FormSum(
        form=name,
        gives_back=pairs[0][1].gives_back if pairs else "file",
        files=len(held),
        original_bytes=sum(file.size for file, _, _ in held),
        bytes=sum(size for _, _, size in held),
    )


def _class(storage: StorageClass, files: Sequence[FileAssessment]) -> ClassSum:
    chosen = [file for file in files if file.choice.storage == storage]
    return ClassSum(
        storage=storage.value,
        files=len(chosen),
        original_bytes=sum(file.size for file in chosen),
        bytes=sum(file.choice.size for file in chosen),
    )


def _mean_psnr(qualities: Iterable[Quality]) -> float | None:
    return _mean(quality.psnr for quality in qualities)


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
