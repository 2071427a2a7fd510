"""What a job would give: size, quality and seconds, measured on a part of the layer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Estimate:
    """What to expect.

    Attributes
    ----------
    size_bytes : int
        Of the result in memory; exact.
    psnr : float or None
        In dB, of the restored crop; None where nothing can be compared.
    seconds : float
        For all planes, extrapolated.
    text : str
        All of it in one line for people.
    """

    size_bytes: int
    psnr: float | None
    seconds: float
    text: str
