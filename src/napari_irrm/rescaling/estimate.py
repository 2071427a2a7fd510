"""What a job would give: size, quality and seconds, measured on a part of the layer."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from irrm_core.engine.layout import Layout
from napari_irrm.words import duration_text, psnr_text, size_text

if TYPE_CHECKING:
    from irrm_core.engine import Rescaler, RestoreRecord
    from irrm_core.progress import Cancel
    from napari_irrm.layers import LayerImage

CROP = 512
"""Largest side in HR pixels of the part that is measured."""

_WARM_UP = 64


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


def estimate_downscaling(
    rescaler: Rescaler,
    image: LayerImage,
    draft: RestoreRecord,
    *,
    plane: int,
    back: bool,
    cancel: Cancel,
) -> Estimate:
    """Downscale and restore the middle of a plane.

    Parameters
    ----------
    rescaler : Rescaler
        With the model to be used.
    image : LayerImage
        To be downscaled.
    draft : RestoreRecord
        Of its LR, as far as it is known before.
    plane : int
        Number of the plane that is measured.
    back : bool
        Whether the job restores the LR, too.
    cancel : Cancel
        Looked at before each tile.
    """
    crop = middle(image, plane, CROP)
    axes = "YXS" if crop.ndim == 3 else "YX"
    warm = crop[:_WARM_UP, :_WARM_UP]
    made = rescaler.downscale(warm, axes=axes, nonfinite="fill", cancel=cancel)
    rescaler.restore(made, check=False, cancel=cancel)
    start = time.perf_counter()
    made = rescaler.downscale(crop, axes=axes, nonfinite="fill", cancel=cancel)
    between = time.perf_counter()
    psnr = rescaler.measure(crop, made, cancel=cancel).record.quality["psnr"]
    spent = (time.perf_counter() if back else between) - start
    seconds = spent * _share(image.layout, crop)
    size = math.prod(draft.lr_shape) * np.dtype(draft.lr_dtype).itemsize
    text = (
        f"LR {size_text(size)} of {size_text(image.nbytes)} · about {psnr_text(psnr)} in this plane"
    )
    return Estimate(size, psnr, seconds, f"{text} · about {duration_text(seconds)}")


def estimate_restoring(
    rescaler: Rescaler,
    image: LayerImage,
    scale: int,
    record: RestoreRecord | None,
    *,
    plane: int,
    cancel: Cancel,
) -> Estimate:
    """Restore the middle of a plane of an LR.

    Parameters
    ----------
    rescaler : Rescaler
        With the model of the record, or the one that is assumed.
    image : LayerImage
        The LR.
    scale : int
        Of the model.
    record : RestoreRecord or None
        Of the LR, if it has one.
    plane, cancel
        As for `estimate_downscaling`.
    """
    from irrm_core.engine import assume_record

    lr = middle(image, plane, max(CROP // scale, 1))
    axes = "YXS" if lr.ndim == 3 else "YX"
    card = rescaler.model.card
    warm = lr[: _WARM_UP // scale, : _WARM_UP // scale]
    rescaler.restore(warm, assume_record(card, warm, axes=axes), check=False, cancel=cancel)
    assumed = assume_record(card, lr, axes=axes)
    start = time.perf_counter()
    rescaler.restore(lr, assumed, check=False, cancel=cancel)
    seconds = (time.perf_counter() - start) * _share(image.layout, lr)
    if record is None:
        size, psnr = image.nbytes * scale**2, None
    else:
        size = math.prod(record.hr_shape) * np.dtype(record.dtype).itemsize
        psnr = record.quality.get("psnr")
    quality = "" if psnr is None else f" · {psnr_text(psnr)} when it was downscaled"
    return Estimate(
        size, psnr, seconds, f"{size_text(size)}{quality} · about {duration_text(seconds)}"
    )


def middle(image: LayerImage, plane: int, side: int) -> NDArray[Any]:
    """Return the middle of a plane, (h, w) or (h, w, 3), reading no more than that."""
    layout = image.layout
    index = list(layout.plane(plane).index)
    for axis, size in (("Y", layout.height), ("X", layout.width)):
        start = max(size - side, 0) // 2
        index[image.axes.index(axis)] = slice(start, min(start + side, size))
    pixels = np.asarray(image.data[tuple(index)])
    if "S" not in image.axes:
        return pixels
    return pixels[..., :3] if layout.colours == 3 else pixels[..., 0]


def _share(layout: Layout, crop: NDArray[Any]) -> float:
    """Return how many times as many pixels all planes have."""
    measured: int = crop.shape[0] * crop.shape[1]
    return layout.plane_count * layout.height * layout.width / measured
