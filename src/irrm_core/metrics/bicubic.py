"""Antialiased bicubic resampling, as MATLAB's ``imresize`` and the published protocol do it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def _cubic(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Keys' kernel with a = -0.5."""
    x = np.abs(x)
    near = 1.5 * x**3 - 2.5 * x**2 + 1
    far = -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2
    return np.where(x <= 1, near, np.where(x <= 2, far, 0.0))


@lru_cache(maxsize=64)
def _taps(size_in: int, size_out: int) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Source indices and weights (size_out, taps) of one axis, borders mirrored."""
    scale = size_out / size_in
    # Shrinking widens the kernel, which is the antialiasing.
    stretch = min(scale, 1.0)
    width = 4.0 / stretch
    centre = (np.arange(size_out) + 0.5) / scale - 0.5
    first = np.floor(centre - width / 2).astype(np.intp)
    index = first[:, None] + np.arange(int(np.ceil(width)) + 2)
    weight = _cubic((centre[:, None] - index) * stretch)
    weight /= weight.sum(axis=1, keepdims=True)
    # Symmetric padding: ... 1 0 | 0 1 2 ... n-1 | n-1 n-2 ...
    period = index % (2 * size_in)
    index = np.where(period < size_in, period, 2 * size_in - 1 - period)
    used = np.any(weight != 0, axis=0)
    return index[:, used], weight[:, used]


def _resize_axis(image: NDArray[np.float64], axis: int, size_out: int) -> NDArray[np.float64]:
    index, weight = _taps(image.shape[axis], size_out)
    shape = list(image.shape)
    shape[axis] = size_out
    out = np.zeros(shape)
    along = [1] * image.ndim
    along[axis] = size_out
    for tap in range(index.shape[1]):
        out += np.take(image, index[:, tap], axis=axis) * weight[:, tap].reshape(along)
    return out


def bicubic(image: NDArray[np.generic], height: int, width: int) -> NDArray[np.float64]:
    """Resample to a new size, with antialiasing when shrinking.

    Keys' cubic (a = −0.5), pixel centres at half-integers, mirrored borders: the
    reference that every rescaling paper measures against.

    Parameters
    ----------
    image : ndarray
        (H, W) or (H, W, C), any real dtype.
    height, width : int
        Size of the result.

    Returns
    -------
    ndarray
        float64, (height, width) or (height, width, C), in the units of `image`, neither
        rounded nor clamped: the cubic overshoots at edges.
    """
    out = np.asarray(image, dtype=np.float64)
    # MATLAB takes the axis that shrinks most first; the order only moves rounding noise.
    for axis, size in ((0, height), (1, width)):
        if out.shape[axis] != size:
            out = _resize_axis(out, axis, size)
    return out if out is not image else out.copy()
