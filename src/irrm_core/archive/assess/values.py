"""What an assessment found of one file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from irrm_core.archive.assess.choice import Choice
    from irrm_core.archive.assess.crops import CropRow
    from irrm_core.archive.assess.quality import Quality
    from irrm_core.archive.codecs import LosslessForm


@dataclass(frozen=True)
class Match:
    """A codec beside an LR file.

    Attributes
    ----------
    codec : str
        A key of `CODECS`.
    size : int or None
        Bytes, metadata included; None where the codec has no such file.
    quality : Quality or None
        Reached: a little above the LR's, since settings are steps.
    setting : str or None
        In the codec's own terms.
    problem : str or None
        Why there is no such file.
    """

    codec: str
    size: int | None = None
    quality: Quality | None = None
    setting: str | None = None
    problem: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        return {
            "codec": self.codec,
            "bytes": self.size,
            "psnr": self.quality and round(self.quality.psnr, 4),
            "ssim": self.quality and _rounded(self.quality.ssim, 6),
            "setting": self.setting,
            "problem": self.problem,
        }


@dataclass(frozen=True)
class Trial:
    """The LR file of one model, and the codecs beside it.

    Attributes
    ----------
    model : str
        Its id.
    scale : int
        Of the model.
    size : int
        Bytes of the LR file: pixels, record, side data and metadata.
    record_size : int
        Those of the record and of side data (alpha, outliers) in it.
    quality : Quality
        Of what the LR file restores to.
    failures : tuple of str
        The floors that it misses, or what else the gate has against it; empty if it passes.
    at_psnr : tuple of Match
        Every codec at the PSNR of the restoration.
    at_size : Match or None
        AVIF of the LR file's bytes; None where nobody looked.
    """

    model: str
    scale: int
    size: int
    record_size: int
    quality: Quality
    failures: tuple[str, ...]
    at_psnr: tuple[Match, ...]
    at_size: Match | None

    def match(self, codec: str) -> Match:
        """Return what a codec does at the same PSNR."""
        return next(match for match in self.at_psnr if match.codec == codec)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        return {
            "model": self.model,
            "scale": self.scale,
            "bytes": self.size,
            "record_bytes": self.record_size,
            "psnr": round(self.quality.psnr, 4),
            "ssim": _rounded(self.quality.ssim, 6),
            "worst_channel_psnr": round(self.quality.worst_psnr, 4),
            "worst_channel_ssim": _rounded(self.quality.worst_ssim, 6),
            "passes": not self.failures,
            "failures": list(self.failures),
            "same_psnr": [match.to_dict() for match in self.at_psnr],
            "same_bytes": self.at_size and self.at_size.to_dict(),
        }


@dataclass(frozen=True)
class FileAssessment:
    """One file: what it takes in every form.

    Attributes
    ----------
    path : Path
        The file.
    size : int
        Its bytes.
    shape, axes, dtype, format
        Of the picture, as `ImageInfo` has them.
    metadata_size : int
        Bytes of metadata, counted to every codec's file.
    trials : tuple of Trial
        One for each model.
    forms : tuple of LosslessForm
        Without loss.
    choice : Choice
        What the archive would make of it.
    crops : tuple of CropRow
        Pictures, where asked for; one row for each trial.
    """

    path: Path
    size: int
    shape: tuple[int, ...]
    axes: str
    dtype: str
    format: str
    metadata_size: int
    trials: tuple[Trial, ...]
    forms: tuple[LosslessForm, ...]
    choice: Choice
    crops: tuple[CropRow, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values; pictures are left out."""
        return {
            "path": str(self.path),
            "bytes": self.size,
            "format": self.format,
            "shape": list(self.shape),
            "axes": self.axes,
            "dtype": self.dtype,
            "metadata_bytes": self.metadata_size,
            "lr": [trial.to_dict() for trial in self.trials],
            "lossless": [
                {
                    "form": form.name,
                    "bytes": form.size,
                    "gives_back": form.gives_back,
                    "problem": form.problem,
                }
                for form in self.forms
            ],
            "storage": self.choice.storage,
            "stored_bytes": self.choice.size,
            "reason": self.choice.reason,
        }


@dataclass(frozen=True)
class Left:
    """A file that was not assessed.

    Attributes
    ----------
    path : Path
        The file.
    reason : str
        Why, in a sentence.
    damaged : bool
        Whether it could not be read or rescaled; else it was left out on purpose.
    """

    path: Path
    reason: str
    damaged: bool

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        return {"path": str(self.path), "reason": self.reason, "damaged": self.damaged}


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
