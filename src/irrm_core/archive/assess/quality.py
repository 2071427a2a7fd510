"""How close a picture comes to its original: over all of it, and channel by channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from irrm_core.archive.gate.comparing import compare_plane
from irrm_core.archive.gate.report import MOST, ChannelQuality
from irrm_core.metrics.psnr import decibels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from irrm_core.archive.codecs import Picture

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
    """Compare planes with those of the original picture, as the gate compares them."""
    parts: dict[tuple[int, int], list[ChannelQuality]] = {}
    for own, other, channel in zip(picture.planes, planes, picture.channels, strict=True):
        for sample in range(picture.colours):
            x, y = (p if p.ndim == 2 else p[..., sample] for p in (own, other))
            found = compare_plane(x, y, 0, picture.peak)
            parts.setdefault((channel, sample), []).append(found)
    everything = [part for found in parts.values() for part in found]
    error = sum(10 ** (-part.psnr / 10) for part in everything) / len(everything)
    likenesses = [part.ssim for part in everything if part.ssim is not None]
    return Quality(
        psnr=min(decibels(error, 1.0), MOST),
        ssim=sum(likenesses) / len(likenesses) if likenesses else None,
        channels=tuple(_worst(found) for found in parts.values()),
    )


def _worst(planes: list[ChannelQuality]) -> ChannelQuality:
    likenesses = [plane.ssim for plane in planes if plane.ssim is not None]
    return ChannelQuality(
        psnr=min(plane.psnr for plane in planes),
        ssim=min(likenesses, default=None),
        max_error=max(plane.max_error for plane in planes),
        bias=max((plane.bias for plane in planes), key=abs),
    )
