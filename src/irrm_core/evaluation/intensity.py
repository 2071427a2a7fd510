"""One image of more than 8 bits, or of more than two dimensions, in the units of its data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from irrm_core.engine.layout import Layout
from irrm_core.errors import ImageDataError
from irrm_core.evaluation.bicubic import Bicubic
from irrm_core.evaluation.result import ONE_CHANNEL, IntensityScore
from irrm_core.metrics import IntensityComparison

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from irrm_core.engine import Rescaler, RestoreRecord
    from irrm_core.progress import Cancel


def score_intensities(
    name: str,
    image: NDArray[Any],
    axes: str,
    rescalers: Sequence[Rescaler],
    *,
    split: bool = False,
    seed: int = 0,
    cancel: Cancel,
) -> list[IntensityScore]:
    """Downscale and restore an image by each model and by bicubic, and compare intensities.

    Parameters
    ----------
    name : str
        For the result and for messages.
    image : ndarray
        Any axes, any real dtype; cut, bottom and right, to multiples of the scale. Alpha
        is left out. Colour samples count as channels where a model is single-channel, or
        with `split`.
    axes : str
        Of the image, from ``TZCYXS``.
    rescalers : sequence of Rescaler
        With models of one scale. An RGB model is fed single channels tripled.
    split : bool
        Whether colour samples are channels to every model, so that all are measured on the
        same ranges.
    seed : int
        Of a gaussian latent.
    cancel : Cancel
        Looked at between tiles and planes.

    Returns
    -------
    list of IntensityScore
        By channel; of each, the models in the order given, then bicubic. An RGB model that
        was fed single channels is there twice: with its LR of three values a pixel, and
        with `ONE_CHANNEL`.

    Raises
    ------
    ImageDataError
        The image is smaller than one LR pixel, or not finite.
    """
    cards = [rescaler.model.card for rescaler in rescalers]
    scale = cards[0].scale
    hr, axes = _without_alpha(_cut(image, axes, scale), axes)
    if 0 in hr.shape:
        raise ImageDataError(
            f"{name}: an image of shape {image.shape} has no whole block of {scale}x{scale} "
            "pixels; leave it out of the folder"
        )
    if "C" not in axes and (split or any(card.channels == 1 for card in cards)):
        axes = axes.replace("S", "C")
    layout = Layout.of(hr.shape, axes)
    results: list[_Result] = []
    try:
        for rescaler in rescalers:
            results += _results(rescaler, hr, axes, layout.colours, seed, cancel)
    except ImageDataError as error:
        raise ImageDataError(f"{name}: {error}") from error
    # A mapping depends on the image alone, so the first record's is everybody's.
    plain = Bicubic(results[0].record, layout)
    methods = [*((r.method, r.lr_values) for r in results), ("bicubic", 1)]
    comparing = [
        [_Comparison(plain.peak(channel), hr.dtype, plain.lr_peak) for _ in methods]
        for channel in range(layout.channels)
        for _ in range(layout.samples)
    ]
    for plane in layout.planes():
        cancel.check()
        pixels = layout.read(hr, plane)
        lr_plain, restored_plain = plain.roundtrip(pixels, plane.channel)
        done = [(_samples(r.restored[plane.index]), _samples(r.lr[plane.index])) for r in results]
        for sample in range(layout.samples):
            row = comparing[plane.channel * layout.samples + sample]
            for comparison, (restored, lr) in zip(
                row, [*done, (restored_plain, lr_plain)], strict=True
            ):
                comparison.image.add(pixels[..., sample], restored[..., sample])
                # A tripled channel has three LR channels, all of which should look like it.
                part = lr if lr.shape != lr_plain.shape else lr[..., sample, None]
                comparison.lr.add(np.broadcast_to(lr_plain[..., sample, None], part.shape), part)
    return [
        IntensityScore(
            name=name,
            channel=channel,
            method=method,
            lr_values=lr_values,
            report=comparison.image.report(),
            lr_psnr=comparison.lr.report().psnr,
        )
        for channel, row in enumerate(comparing)
        for (method, lr_values), comparison in zip(methods, row, strict=True)
    ]


@dataclass(frozen=True)
class _Result:
    """What a method made of the image: LR and restoration, whole."""

    method: str
    lr_values: int
    lr: NDArray[Any]
    restored: NDArray[Any]
    record: RestoreRecord


def _results(
    rescaler: Rescaler, hr: NDArray[Any], axes: str, colours: int, seed: int, cancel: Cancel
) -> list[_Result]:
    model = rescaler.model.card
    done = rescaler.roundtrip(hr, axes=axes, seed=seed, cancel=cancel)
    lr, record = done.downscaled.image, done.downscaled.record
    if model.channels <= colours:
        return [_Result(model.id, 1, lr, done.restored, record)]
    one = np.rint(lr.mean(axis=-1, keepdims=True)).astype(lr.dtype)
    restored = rescaler.restore(
        np.broadcast_to(one, lr.shape),
        record,
        done.downscaled.side_data,
        check=False,  # these are not the pixels of the record
        cancel=cancel,
    )
    return [
        _Result(model.id, model.channels, lr, done.restored, record),
        _Result(model.id + ONE_CHANNEL, 1, one, restored, record),
    ]


class _Comparison:
    """Of one channel's restored image, and of its LR."""

    def __init__(self, peak: float, dtype: np.dtype[Any], lr_peak: float) -> None:
        self.image = IntensityComparison(peak, integer=np.issubdtype(dtype, np.integer))
        self.lr = IntensityComparison(lr_peak, integer=True)


def _cut(image: NDArray[Any], axes: str, multiple: int) -> NDArray[Any]:
    """Cut Y and X to multiples; a view."""
    return image[
        tuple(
            slice(0, size - size % multiple) if axis in "YX" else slice(None)
            for axis, size in zip(axes, image.shape, strict=True)
        )
    ]


def _without_alpha(image: NDArray[Any], axes: str) -> tuple[NDArray[Any], str]:
    """Leave alpha out; a single sample that remains is no axis."""
    if "S" not in axes:
        return image, axes
    samples = image.shape[-1]
    colours = samples - (samples in (2, 4))
    return (image[..., 0], axes[:-1]) if colours == 1 else (image[..., :colours], axes)


def _samples(plane: NDArray[Any]) -> NDArray[Any]:
    return plane[:, :, None] if plane.ndim == 2 else plane
