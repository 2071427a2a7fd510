"""What a restoration must reach, and what of it is judged."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Literal

from irrm_core.errors import UsageError


@dataclass(frozen=True)
class Floors:
    """What each channel of each plane of a restoration must reach.

    The peak is 255 for uint8, and for all other dtypes the range that the channel's intensities
    were mapped from, outliers apart.

    Attributes
    ----------
    psnr : float or None
        At least this, in dB against the peak; None asks for none.
    ssim : float or None
        At least this structural similarity, at most 1.
    max_error : float or None
        No value may be off by more than this part of the peak: 0.1 is 25.5 levels of 8 bits.
    bias : float or None
        The mean may be off by at most this part of the peak, up or down.
    """

    psnr: float | None = 36.0
    ssim: float | None = 0.95
    max_error: float | None = None
    bias: float | None = None

    def __post_init__(self) -> None:
        """Refuse floors that nothing or everything reaches by mistake."""
        for name in ("psnr", "ssim", "max_error", "bias"):
            value = getattr(self, name)
            if value is not None and not (isfinite(value) and value >= 0):
                raise UsageError(f"a floor of {name} = {value} is no number of 0 or more")
        if self.ssim is not None and self.ssim > 1:
            raise UsageError(f"a floor of ssim = {self.ssim} cannot be reached; 1 is identical")


@dataclass(frozen=True)
class Delivery:
    """What a restore hands out, which is what the gate judges.

    Attributes
    ----------
    format : str
        ``"lossless"``: PNG or TIFF, the pixels as they were restored. ``"jpeg"``: pictures of 8
        bits without transparency are encoded as JPEG; all others stay lossless.
    quality : int
        Of JPEG, 1 to 100.
    """

    format: Literal["lossless", "jpeg"] = "lossless"
    quality: int = 92

    def __post_init__(self) -> None:
        """Refuse what no encoder knows."""
        if self.format not in ("lossless", "jpeg"):
            raise UsageError(f"cannot deliver {self.format!r}; choose lossless or jpeg:QUALITY")
        if not 1 <= self.quality <= 100:
            raise UsageError(f"a JPEG quality of {self.quality} is not in 1 to 100")

    @classmethod
    def parse(cls, text: str) -> Delivery:
        """Read ``"lossless"``, ``"jpeg"`` or ``"jpeg:92"``."""
        kind, colon, quality = text.partition(":")
        if kind == "jpeg" and (not colon or quality.isdecimal()):
            return cls("jpeg", int(quality)) if colon else cls("jpeg")
        if text == "lossless":
            return cls()
        raise UsageError(f"cannot deliver {text!r}; choose lossless, or jpeg:92 or the like")

    def __str__(self) -> str:
        return self.format if self.format == "lossless" else f"{self.format}:{self.quality}"
