"""What an evaluation found."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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
        A model's id, or ``"bicubic"``: down to LR pixels of the same 16 bits by the same
        intensity mapping, and up.
    report : IntensityReport
        Over all planes of the channel, in the units of the data.
    lr_psnr : float
        Of the 16-bit LR against the bicubic one, peak the mapping's range; infinite for
        bicubic itself.
    """

    name: str
    channel: int
    method: str
    report: IntensityReport
    lr_psnr: float


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
        head = {
            key: getattr(self, key)
            for key in ("folder", "model", "weights_hash", "scale", "device", "precision", "seed")
        }
        return {
            **head,
            "images": self.images,
            **{figure: self.mean(figure) for figure in MEANS},
            "scores": [asdict(score) for score in self.scores],
            "intensities": [
                {
                    "name": score.name,
                    "channel": score.channel,
                    "method": score.method,
                    "lr_psnr": score.lr_psnr,
                    **asdict(score.report),
                }
                for score in self.intensities
            ],
        }
