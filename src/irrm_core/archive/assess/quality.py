"""How close a picture comes to its original: over all of it, and channel by channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from irrm_core.archive.gate import ChannelQuality
from irrm_core.errors import ImageDataError
from irrm_core.metrics import compare_intensities, ssim
from irrm_core.metrics.psnr import decibels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from irrm_core.archive.codecs import Picture
    from irrm_core.metrics import IntensityReport

CONVENTION = (
    "PSNR: one mean over all colour values of the whole picture, no border left out; peak 255 for "
    "8 bits, the range of the data for others; as in the restore record. SSIM: mean over "
    "channels, window of 11 pixels. The floors judge every channel and plane by itself. (Papers "
    "publish PSNR on luma, a border left out, which gives other numbers: `irrm eval`.)"
)


@dataclass(frozen=True)
class Quality:
    """Agreement of a picture with its original.

    Attributes
    ----------
    psnr : float
        In dB over all colour values; 99.99 where none differs.
    ssim : float or None
        Mean over planes and colours; None where they are smaller than its window.
    channels : tuple of ChannelQuality
        Of each channel or colour its worst plane, which the floors judge.
    """

    psnr: float
    ssim: float | None
    channels: tuple[ChannelQuality, ...]

    @property
    def worst_psnr(self) -> float:
        """Of the channel and plane with the lowest."""
        return min(channel.psnr for channel in self.channels)

    @property
    def worst_ssim(self) -> float | None:
        """Of the channel and plane with the lowest."""
        known = [channel.ssim for channel in self.channels if channel.ssim is not None]
        return min(known, default=None)


def quality_of(picture: Picture, planes: Sequence[NDArray[Any]]) -> Quality:
    """Compare planes with those of the original picture."""
    parts: dict[tuple[int, int], list[tuple[IntensityReport, float | None]]] = {}
    for own, other, channel in zip(picture.planes, planes, picture.channels, strict=True):
        for sample in range(picture.colours):
            x, y = (p if p.ndim == 2 else p[..., sample] for p in (own, other))
            report = compare_intensities(x, y, peak=picture.peak)
            parts.setdefault((channel, sample), []).append((report, _ssim(x, y, picture.peak)))
    everything = [part for found in parts.values() for part in found]
    likenesses = [likeness for _, likeness in everything if likeness is not None]
    return Quality(
        psnr=_capped(decibels(np.mean([10 ** (-r.psnr / 10) for r, _ in everything]).item(), 1.0)),
        ssim=float(np.mean(likenesses)) if likenesses else None,
        channels=tuple(_worst(found) for found in parts.values()),
    )


def _worst(found: list[tuple[IntensityReport, float | None]]) -> ChannelQuality:
    reports = [report for report, _ in found]
    likenesses = [likeness for _, likeness in found if likeness is not None]
    return ChannelQuality(
        psnr=_capped(min(report.psnr for report in reports)),
        ssim=min(likenesses, default=None),
        max_error=max(report.error_max / report.peak for report in reports),
        bias=max((report.bias / report.peak for report in reports), key=abs),
    )


def _ssim(x: NDArray[Any], y: NDArray[Any], peak: float) -> float | None:
    try:
        return ssim(x, y, peak=peak)
    except ImageDataError:
        return None


def _capped(psnr: float) -> float:
    return min(psnr, 99.99)
