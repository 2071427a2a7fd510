"""How closely one channel was restored, in a plane or in many."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Score:
    """Agreement of restored values with the original's.

    Attributes
    ----------
    psnr : float
        In dB against `peak`; infinity where nothing differs.
    ssim : float or None
        Mean structural similarity; None where a side is shorter than its window of 11 pixels.
    largest : float
        Largest absolute error, in the units of the data.
    p999 : float
        Absolute error that 99.9 % of the values do not exceed, in the units of the data; of
        several planes, the largest of theirs.
    bias : float
        Mean of restored minus original, in the units of the data.
    peak : float
        The range against which PSNR and SSIM are measured; of several, the largest.
    pixels : int
        How many values were compared.
    """

    psnr: float
    ssim: float | None
    largest: float
    p999: float
    bias: float
    peak: float
    pixels: int

    @property
    def relative(self) -> float:
        """Mean square error in parts of the squared peak."""
        return math.pow(10, -self.psnr / 10) if self.psnr > -math.inf else math.inf


def pool(scores: Iterable[Score]) -> Score:
    """Return the score of several planes or channels together.

    Errors are averaged over the values, each in parts of its own peak: a dim channel counts
    as much as a bright one. SSIM is None if one of them has none.

    Raises
    ------
    ValueError
        There are none.
    """
    every = tuple(scores)
    if len(every) == 1:
        return every[0]
    pixels = sum(score.pixels for score in every)
    if not pixels:
        raise ValueError("nothing was measured, so there is nothing to average")
    relative = sum(score.relative * score.pixels for score in every) / pixels
    similar = [score.ssim for score in every if score.ssim is not None]
    return Score(
        psnr=-10 * math.log10(relative) if 0 < relative < math.inf else _limit(relative),
        ssim=sum(similar) / len(similar) if len(similar) == len(every) else None,
        largest=max(score.largest for score in every),
        p999=max(score.p999 for score in every),
        bias=sum(score.bias * score.pixels for score in every) / pixels,
        peak=max(score.peak for score in every),
        pixels=pixels,
    )


def _limit(relative: float) -> float:
    return math.inf if relative == 0 else -math.inf
