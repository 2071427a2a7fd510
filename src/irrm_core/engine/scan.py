"""The first look at an image that is not 8-bit: its range, its outliers, what is not finite."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from irrm_core.engine.layout import ArrayLike, Layout, PlaneIndex
from irrm_core.engine.mapping import IntensityMapping
from irrm_core.errors import ImageDataError
from irrm_core.progress import Cancel

NonFinite = Literal["error", "fill"]

TAIL = 1e-4
"""Part of the pixels at either end of the intensities that is no measure of their range."""

MOST_OUTLIERS = 1e-3
"""Part of the pixels; where more lie beyond the fence they are the image, not outliers."""

_SAMPLE = 1 << 21
_BAND = 1 << 20


@dataclass(frozen=True)
class Scan:
    """What a first pass over an image found.

    Attributes
    ----------
    mappings : tuple of IntensityMapping
        One for each channel, over the whole stack: per plane it would flicker.
    positions : ndarray of int64
        Of the pixels that no mapping holds, ascending: the plane's number times its size,
        plus the place in the plane. They are kept exactly.
    values : ndarray
        Of these pixels, in the dtype of the image.
    """

    mappings: tuple[IntensityMapping, ...]
    positions: NDArray[np.int64]
    values: NDArray[Any]


@dataclass
class _Channel:
    low: float = np.inf
    high: float = -np.inf
    count: int = 0
    bad: int = 0
    sample: list[NDArray[Any]] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        return self.low > self.high

    def fence(self) -> tuple[float, float]:
        """Return the range beyond which a pixel is an outlier.

        As wide again on either side as the intensities without their tails: a hot pixel
        lies far outside, a bright structure inside or in too many pixels.
        """
        sample = np.concatenate(self.sample)
        tail = min(max(4, int(sample.size * TAIL)), sample.size // 16)
        sample.partition((tail, sample.size - 1 - tail))
        low, high = float(sample[tail]), float(sample[sample.size - 1 - tail])
        # Halves cannot overflow; infinity as a fence holds everything.
        width = 2 * (high * 0.5 - low * 0.5)
        return low - width, high + width


def scan(image: ArrayLike, layout: Layout, nonfinite: NonFinite, cancel: Cancel) -> Scan:
    """Find mapping and outliers of every channel, in one pass or two.

    Raises
    ------
    ImageDataError
        A pixel is NaN or infinite and `nonfinite` is ``"error"``.
    """
    channels = [_Channel() for _ in range(layout.channels)]
    rng = np.random.Generator(np.random.Philox(0))
    share = min(1.0, _SAMPLE / max(layout.plane_count // len(channels), 1) / _colour_size(layout))
    for plane, row, band in _bands(image, layout):
        cancel.check()
        channel = channels[plane.channel]
        good = band[np.isfinite(band)] if band.dtype.kind == "f" else band.reshape(-1)
        channel.count += band.size
        channel.bad += band.size - good.size
        if good.size != band.size and nonfinite == "error":
            raise _not_finite(layout, plane, row, band)
        if not good.size:
            continue
        channel.low = min(channel.low, good.min().item())
        channel.high = max(channel.high, good.max().item())
        if share < 1:
            good = good[rng.integers(good.size, size=max(int(good.size * share), 1))]
        channel.sample.append(good.astype(np.float64) if good.dtype.kind == "f" else good.copy())
    fences = [(0.0, 0.0) if channel.empty else channel.fence() for channel in channels]
    fenced = [
        not c.empty and (c.low < fence[0] or c.high > fence[1])
        for c, fence in zip(channels, fences, strict=True)
    ]
    if not any(fenced) and not any(channel.bad for channel in channels):
        nothing = np.empty(0, np.int64)
        return Scan(tuple(map(_mapping, channels)), nothing, np.empty(0, native_dtype(image)))
    return _set_apart(image, layout, channels, fences, fenced, cancel)


def _set_apart(
    image: ArrayLike,
    layout: Layout,
    channels: list[_Channel],
    fences: list[tuple[float, float]],
    fenced: list[bool],
    cancel: Cancel,
) -> Scan:
    """Second pass: the pixels beyond the fences, and the range of the rest."""
    inner = [_Channel() for _ in channels]
    found: list[tuple[int, bool, NDArray[np.int64], NDArray[Any]]] = []
    outliers = [0] * len(channels)
    most = [max(channel.count * MOST_OUTLIERS, 16) for channel in channels]
    height, width, samples = layout.plane_shape
    for plane, row, band in _bands(image, layout):
        cancel.check()
        k = plane.channel
        low, high = fences[k] if fenced[k] else (-np.inf, np.inf)
        finite = np.isfinite(band)
        inside = finite & (band >= low) & (band <= high)
        kept = band[inside]
        if kept.size:
            inner[k].low = min(inner[k].low, kept.min().item())
            inner[k].high = max(inner[k].high, kept.max().item())
        for mask, is_outlier in ((finite & ~inside, True), (~finite, False)):
            y, x, s = np.nonzero(mask)
            if y.size:
                place = ((y + row) * width + x) * samples + s
                position = plane.number * (height * width * samples) + place.astype(np.int64)
                outliers[k] += y.size * is_outlier
                # Too many are the image, and would not fit into memory either.
                if not is_outlier or outliers[k] <= most[k]:
                    found.append((k, is_outlier, position, band[mask]))
    real = [n <= limit for n, limit in zip(outliers, most, strict=True)]
    chosen = [entry for entry in found if not entry[1] or real[entry[0]]]
    positions = np.concatenate([np.empty(0, np.int64), *(entry[2] for entry in chosen)])
    values = np.concatenate([np.empty(0, native_dtype(image)), *(e[3] for e in chosen)])
    order = np.argsort(positions, kind="stable")
    mappings = tuple(
        _mapping(inner[k] if real[k] else channel) for k, channel in enumerate(channels)
    )
    return Scan(mappings, positions[order], values[order])


def native_dtype(image: ArrayLike) -> np.dtype[Any]:
    """Return the dtype of an array in native byte order."""
    dtype: np.dtype[Any] = np.dtype(image.dtype).newbyteorder("=")
    return dtype


def _mapping(channel: _Channel) -> IntensityMapping:
    if channel.empty:
        return IntensityMapping(0, 0)
    return IntensityMapping(channel.low, channel.high)


def _colour_size(layout: Layout) -> int:
    return layout.height * layout.width * layout.colours


def _bands(image: ArrayLike, layout: Layout) -> Iterator[tuple[PlaneIndex, int, NDArray[Any]]]:
    """Iterate over all planes in bands of rows, colour samples only: (plane, first row, band)."""
    rows = max(_BAND // (layout.width * layout.colours), 1)
    for plane in layout.planes():
        pixels = layout.read(image, plane)
        for row in range(0, layout.height, rows):
            yield plane, row, pixels[row : row + rows, :, : layout.colours]


def _not_finite(layout: Layout, plane: PlaneIndex, row: int, band: NDArray[Any]) -> ImageDataError:
    y, x, s = (int(n) for n in np.argwhere(~np.isfinite(band))[0])
    value = band[y, x, s]
    place = list(plane.index)
    place[layout.axes.index("Y")] = row + y
    place[layout.axes.index("X")] = x
    if "S" in layout.axes:
        place[-1] = s
    where = ", ".join(f"{axis}={n}" for axis, n in zip(layout.axes, place, strict=True))
    return ImageDataError(
        f"the image holds {value} at {where}; replace it, or ask for it to be filled and "
        "restored (--fill, nonfinite='fill')"
    )
