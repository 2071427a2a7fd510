"""What an evaluation found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from irrm_core.metrics import IntensityReport


@dataclass(frozen=True)
class ImageScore:
    """One 8-bit image, downscaled and restored, by the published protocol.

    Attributes
    ----------
    name : str
        Of the file, below the folder.
    height, width : int
        Of the part that was scored: multiples of the scale.
    psnr_y, ssim_y, psnr_rgb : float
        Of the restored image, without a border as wide as the scale.
    lr_psnr_y, lr_ssim_y : float
        Of the LR image against antialiased bicubic, both rounded to 8 bits, without cropping.
    bicubic_psnr_y, bicubic_ssim_y : float
        Of the image made small and large again by bicubic alone.
    """

    name: str
    height: int
    width: int
    psnr_y: float
    ssim_y: float
    psnr_rgb: float
    lr_psnr_y: float
    lr_ssim_y: float
    bicubic_psnr_y: float
    bicubic_ssim_y: float


MEANS = tuple(f.name for f in fields(ImageScore) if f.name not in ("name", "height", "width"))
"""The figures of `ImageScore` whose mean over a folder is published."""


@dataclass(frozen=True)
class IntensityScore:
    """One channel of one image of more than 8 bits, downscaled and restored by one method.

    Attributes
    ----------
    name : str
        Of the file, below the folder.
    channel : int
        Index along C, or along S for colour samples; 0 where there is neither.
    method : str
        A model's id; of an RGB model fed a single channel also its id with
        `ONE_CHANNEL`; or ``"bicubic"``: down to LR pixels of the same 16 bits by the same
        intensity mapping, and up.
    lr_values : int
        That the LR holds for each of its pixels of this channel: 3 where a single channel
        went through an RGB model, else 1.
    report : IntensityReport
        Over all planes of the channel, in the units of the data.
    lr_psnr : float
        Of the 16-bit LR against the bicubic one, peak the mapping's range; infinite for
        bicubic itself.
    """

    name: str
    channel: int
    method: str
    lr_values: int
    report: IntensityReport
    lr_psnr: float


ONE_CHANNEL = ", LR as one channel"
"""After an RGB model's id: the three LR channels of a tripled one were averaged to one, and
that one tripled again to restore. So the model competes with as many LR values as others."""


@dataclass(frozen=True)
class FailedImage:
    """An image that was left out of an evaluation.

    Attributes
    ----------
    name : str
        Of the file, below the folder.
    error : str
        Why, with the remedy.
    """

    name: str
    error: str


@dataclass(frozen=True)
class Evaluation:
    """A model measured on all images of a folder.

    Attributes
    ----------
    folder : str
        That was measured.
    model, weights_hash : str
        Id and hash of the model.
    scale : int
        Of the model.
    device : str
        That it ran on, with the reason.
    precision : str
        ``"auto"`` or ``"fp32"``.
    seed : int
        Of a gaussian latent.
    scores : tuple of ImageScore
        Of the 8-bit images, in the order of their names.
    intensities : tuple of IntensityScore
        Of all other images: by file, then channel, then method.
    failed : tuple of FailedImage
        Those that could not be measured, and are in no mean.
    """

    folder: str
    model: str
    weights_hash: str
    scale: int
    device: str
    precision: str
    seed: int
    scores: tuple[ImageScore, ...] = ()
    intensities: tuple[IntensityScore, ...] = ()
    failed: tuple[FailedImage, ...] = ()

    @property
    def images(self) -> int:
        """How many 8-bit images the means are over."""
        return len(self.scores)

    def mean(self, figure: str) -> float | None:
        """Return the mean over images of a figure in `MEANS`; None without 8-bit images.

        The published mean is of decibels, image by image.
        """
        if not self.scores:
            return None
        return float(sum(getattr(score, figure) for score in self.scores)) / self.images

    def to_dict(self) -> dict[str, Any]:
        """Return what ``irrm eval --json`` prints: the means by name, then every row."""
        return {
            **{key: getattr(self, key) for key in _HEAD},
            "images": self.images,
            **{figure: self.mean(figure) for figure in MEANS},
            "scores": [asdict(score) for score in self.scores],
            "intensities": [
                {key: getattr(score, key) for key in _ROW} | asdict(score.report)
                for score in self.intensities
            ],
            "failed": [asdict(failure) for failure in self.failed],
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        """Return the evaluation that `to_dict` gave `document` of."""
        return cls(
            **{key: document[key] for key in _HEAD},
            scores=tuple(ImageScore(**row) for row in document["scores"]),
            intensities=tuple(
                IntensityScore(
                    **{key: row[key] for key in _ROW},
                    report=IntensityReport(
                        **{f.name: row[f.name] for f in fields(IntensityReport)}
                    ),
                )
                for row in document["intensities"]
            ),
            failed=tuple(FailedImage(**row) for row in document["failed"]),
        )


_HEAD = ("folder", "model", "weights_hash", "scale", "device", "precision", "seed")
_ROW = ("name", "channel", "method", "lr_values", "lr_psnr")
