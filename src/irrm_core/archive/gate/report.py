"""What the gate measured, and whether that is enough."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from irrm_core.archive.gate.floors import Floors

MOST = 99.99
"""PSNR in dB of identical pixels, as it is reported; infinity is no number in JSON."""


@dataclass(frozen=True)
class ChannelQuality:
    """How far one channel of a restoration is from the original, in its worst plane.

    Each value is the worst over the planes by itself.

    Attributes
    ----------
    psnr : float
        In dB against the peak, from -99.99 to 99.99.
    ssim : float or None
        None where the image is smaller than the window.
    max_error : float
        Largest absolute error, in parts of the peak.
    bias : float
        Mean of restored minus original, in parts of the peak, of the plane where it is largest.
    """

    psnr: float
    ssim: float | None
    max_error: float
    bias: float

    def to_json(self) -> list[float | None]:
        """Return the values in the order of the attributes."""
        return [self.psnr, self.ssim, self.max_error, self.bias]


@dataclass(frozen=True)
class GateReport:
    """What the gate found.

    Attributes
    ----------
    channels : tuple of ChannelQuality
        One for each colour sample, or for each index of the C axis; alpha is kept exactly and
        counts as a failure if it differs.
    planes : int
        How many were compared.
    delivered : str
        What was judged: ``"lossless"``, or ``"jpeg:92"``.
    delivered_size : int or None
        Bytes of the JPEG; None for lossless files, which are judged by their pixels.
    precision : str
        At which it was restored, as `Rescaler` takes it.
    failures : tuple of str
        One sentence for each floor that was missed; empty if all were reached.
    """

    channels: tuple[ChannelQuality, ...]
    planes: int
    delivered: str
    precision: str
    delivered_size: int | None = None
    failures: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the restoration may stand for the original."""
        return not self.failures

    @property
    def psnr(self) -> float:
        """Of the worst channel in its worst plane, in dB."""
        return min(channel.psnr for channel in self.channels)

    @property
    def ssim(self) -> float | None:
        """Of the worst channel; None where the image is too small to have one."""
        found = [channel.ssim for channel in self.channels if channel.ssim is not None]
        return min(found) if found else None

    @property
    def max_error(self) -> float:
        """Of the worst channel, in parts of its peak."""
        return max(channel.max_error for channel in self.channels)

    @property
    def bias(self) -> float:
        """Of the worst channel, in parts of its peak, signed."""
        return max((channel.bias for channel in self.channels), key=abs)

    def to_json(self) -> dict[str, Any]:
        """Return the report as compact JSON values; the same report gives the same values."""
        packed: dict[str, Any] = {
            "psnr": self.psnr,
            "ssim": self.ssim,
            "max_error": self.max_error,
            "bias": self.bias,
            "channels": [channel.to_json() for channel in self.channels],
            "planes": self.planes,
            "deliver": self.delivered,
            "precision": self.precision,
        }
        if self.delivered_size is not None:
            packed["delivered_size"] = self.delivered_size
        if self.failures:
            packed["failures"] = list(self.failures)
        return packed

    @classmethod
    def from_json(cls, packed: Mapping[str, Any]) -> GateReport:
        """Read what `to_json` returned."""
        return cls(
            channels=tuple(ChannelQuality(*values) for values in packed["channels"]),
            planes=packed["planes"],
            delivered=packed["deliver"],
            precision=packed["precision"],
            delivered_size=packed.get("delivered_size"),
            failures=tuple(packed.get("failures", ())),
        )


def missed(channels: tuple[ChannelQuality, ...], floors: Floors) -> tuple[str, ...]:
    """Return a sentence for each floor that a channel misses.

    A value that is no number misses every floor: comparisons are written so that NaN fails.
    """
    return tuple(
        sentence
        for number, channel in enumerate(channels)
        for sentence in _missed(channel, floors, f" in channel {number}" if channels[1:] else "")
    )


def _missed(channel: ChannelQuality, floors: Floors, where: str) -> list[str]:
    said = []
    if floors.psnr is not None and not channel.psnr >= floors.psnr:
        said.append(f"PSNR {channel.psnr:.2f} dB{where} is under the floor of {floors.psnr:g} dB")
    if floors.ssim is not None:
        if channel.ssim is None:
            said.append("the image is too small for SSIM, which the rule asks for")
        elif not channel.ssim >= floors.ssim:
            said.append(f"SSIM {channel.ssim:.4f}{where} is under the floor of {floors.ssim:g}")
    if floors.max_error is not None and not channel.max_error <= floors.max_error:
        said.append(
            f"the largest error {channel.max_error:.4g}{where} is over {floors.max_error:g}"
            " of the range"
        )
    if floors.bias is not None and not abs(channel.bias) <= floors.bias:
        said.append(f"the bias {channel.bias:+.4g}{where} is over {floors.bias:g} of the range")
    return said


def rounded(value: float, digits: int) -> float:
    """Return a value for the report; NaN is the worst there is, and so are infinities capped."""
    if math.isnan(value):
        return -MOST
    return round(min(max(value, -MOST), MOST), digits)
