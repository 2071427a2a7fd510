"""One picture downscaled and restored by one model: figures, and crops side by side."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from irrm_core import Rescaler, psnr, read_image
from irrm_core.engine.layout import Layout
from irrm_core.engine.mapping import HEADROOM
from irrm_core.errors import ImageDataError
from irrm_core.evaluation.bicubic import Bicubic
from irrm_core.metrics import bicubic_lr, bicubic_roundtrip, modcrop
from irrm_core.metrics.artefacts import Artefacts, artefacts
from irrm_core.metrics.psnr import luma

Pixels = NDArray[np.uint8]
Corner = tuple[int, int]

CROP = 80
"""Side of a crop in HR pixels, a multiple of every scale."""
ENLARGED = 2
AMPLIFIED = 4
"""Factor of the difference, which is shown round mid-gray."""
_GAP, _LABEL = 4, 18
_PAPER, _INK = (250, 250, 248), (28, 28, 30)


@dataclass(frozen=True)
class Trip:
    """What came of a picture.

    Attributes
    ----------
    model : str
        Id of the model.
    scale : int
        Linear factor.
    original, lr, restored, bicubic, bicubic_lr : ndarray
        As shown: uint8, (H, W) or (H, W, 3). The last is the LR that interpolation makes.
    values : tuple of ndarray
        What PSNR is measured on, of original, restored and bicubic: luma, or intensities.
    peak : float
        Of those values.
    border : int
        Pixels that PSNR of the whole leaves out at each side.
    lr_psnr : float
        Of the LR against the bicubic one.
    """

    model: str
    scale: int
    original: Pixels
    lr: Pixels
    restored: Pixels
    bicubic: Pixels
    bicubic_lr: Pixels
    values: tuple[NDArray[Any], NDArray[Any], NDArray[Any]]
    peak: float
    border: int
    lr_psnr: float

    def whole(self) -> tuple[float, float]:
        """Return the PSNR of the restored picture and of bicubic."""
        inner = slice(self.border, -self.border or None)
        return self._psnr(inner, inner)

    def at(self, corner: Corner) -> tuple[float, float]:
        """Return the PSNR of the restored crop at a corner and of bicubic's."""
        return self._psnr(*_part(corner))

    def _psnr(self, rows: slice, columns: slice) -> tuple[float, float]:
        truth, *others = (plane[rows, columns] for plane in self.values)
        restored, plain = (psnr(truth, other, peak=self.peak) for other in others)
        return restored, plain

    def artefacts(self) -> tuple[Artefacts, Artefacts, Artefacts]:
        """Return those of the restored picture, of bicubic, and of the LR against bicubic's."""
        return (
            artefacts(self.original, self.restored, period=self.scale),
            artefacts(self.original, self.bicubic, period=self.scale),
            artefacts(self.bicubic_lr, self.lr),
        )


def read_plane(path: Path) -> tuple[NDArray[Any], str]:
    """Read a picture, or the first plane of a stack.

    Returns
    -------
    image : ndarray
        (H, W) of any dtype or (H, W, 3) of uint8.
    note : str
        What was left out of the file; empty if nothing was.

    Raises
    ------
    IrrmError
        It cannot be read, or has colours of more than 8 bits, for which screens have no room.
    """
    image, info = read_image(path)
    note = ""
    if info.leading_shape:
        note = f"first of {int(np.prod(info.leading_shape))} planes"
        image = image[(0,) * len(info.leading_shape)]
    if image.ndim == 3 and image.shape[2] in (2, 4):
        image, note = image[..., :-1], f"{note}, without alpha".lstrip(", ")
    if image.ndim == 3 and image.shape[2] == 1:
        image = image[..., 0]
    if image.ndim == 3 and image.dtype != np.uint8:
        raise ImageDataError(
            "colours of more than 8 bits cannot be shown; "
            "convert it to 8 bits, or take its channels one by one"
        )
    return image, note


def travel(image: NDArray[Any], rescaler: Rescaler) -> Trip:
    """Downscale and restore a picture with a model and with bicubic.

    Parameters
    ----------
    image : ndarray
        As `read_plane` returns it; cut, bottom and right, to multiples of the scale.
    rescaler : Rescaler
        With a model of as many channels.
    """
    card = rescaler.model.card
    hr = modcrop(image, card.scale)
    if min(hr.shape[:2]) < 16 * card.scale:
        raise ImageDataError(
            f"{image.shape[1]}x{image.shape[0]} pixels are too few for x{card.scale}: "
            f"take pictures of {16 * card.scale} and more"
        )
    make = _ordinary if hr.dtype == np.uint8 else _deep
    return make(hr, rescaler)


def _ordinary(hr: NDArray[Any], rescaler: Rescaler) -> Trip:
    scale = rescaler.model.card.scale
    result = rescaler.roundtrip(hr, axes="YX" if hr.ndim == 2 else "YXS")
    plain, plain_lr = bicubic_roundtrip(hr, scale), bicubic_lr(hr, scale)
    return Trip(
        rescaler.model.card.id,
        scale,
        *(hr, result.downscaled.image, result.restored, plain, plain_lr),
        values=(luma(hr), luma(result.restored), luma(plain)),
        peak=255.0,
        border=scale,
        lr_psnr=psnr(luma(plain_lr), luma(result.downscaled.image)),
    )


def _deep(hr: NDArray[Any], rescaler: Rescaler) -> Trip:
    result = rescaler.roundtrip(hr, axes="YX")
    baseline = Bicubic(result.downscaled.record, Layout.of(hr.shape, "YX"))
    lr, restored = result.downscaled.image, result.restored
    plain_lr, plain = (a[..., 0] for a in baseline.roundtrip(hr[..., None], 0))
    mapping = result.downscaled.record.mappings[0]

    def shown(values: NDArray[Any]) -> Pixels:
        return shown_lr(mapping.to_unit(values) * 65535)

    return Trip(
        rescaler.model.card.id,
        rescaler.model.card.scale,
        *(shown(hr), shown_lr(lr), shown(restored), shown(plain), shown_lr(plain_lr)),
        values=(hr, restored, plain),
        peak=baseline.peak(0),
        border=0,
        lr_psnr=psnr(plain_lr, lr, peak=baseline.lr_peak),
    )


def shown_lr(codes: NDArray[Any]) -> Pixels:
    """Return 16-bit LR codes in the 8 bits of a screen, the mapped range spread over all."""
    unit = (codes / 65535 - HEADROOM) / (1 - 2 * HEADROOM)
    out: Pixels = np.clip(np.rint(unit * 255), 0, 255).astype(np.uint8)
    return out


def worst_corner(trip: Trip) -> Corner:
    """Return the corner of the crop that was restored worst."""
    error = np.square(trip.restored.astype(np.float64) - trip.original)
    error = error if error.ndim == 2 else error.mean(axis=2)
    sums = np.pad(error.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    height, width = (min(CROP, side) for side in error.shape)
    boxes = (
        sums[height:, width:]
        - sums[:-height, width:]
        - sums[height:, :-width]
        + sums[:-height, :-width]
    )
    # Crops begin where LR pixels do, at any scale.
    y, x = np.unravel_index(int(boxes[::8, ::8].argmax()), boxes[::8, ::8].shape)
    return int(y) * 8, int(x) * 8


def strip(trip: Trip, corner: Corner) -> Image.Image:
    """Return five crops in a row: original, LR, restored, bicubic, difference."""
    part = _part(corner)
    original, restored, plain = (
        picture[part] for picture in (trip.original, trip.restored, trip.bicubic)
    )
    lr = trip.lr.repeat(trip.scale, axis=0).repeat(trip.scale, axis=1)[part]
    difference = np.clip(128 + AMPLIFIED * (restored.astype(np.int16) - original), 0, 255)
    panels = (
        ("original", original),
        (f"LR, each pixel {trip.scale}x{trip.scale}", lr),
        ("restored", restored),
        ("bicubic", plain),
        (f"difference, times {AMPLIFIED}", difference.astype(np.uint8)),
    )
    height, width = (side * ENLARGED for side in original.shape[:2])
    sheet = Image.new("RGB", (len(panels) * (width + _GAP) - _GAP, height + _LABEL), _PAPER)
    canvas = ImageDraw.Draw(sheet)
    for number, (label, pixels) in enumerate(panels):
        left = number * (width + _GAP)
        canvas.text((left + 1, 1), label, fill=_INK, font=ImageFont.load_default(13))
        large = pixels.repeat(ENLARGED, axis=0).repeat(ENLARGED, axis=1)
        sheet.paste(Image.fromarray(large).convert("RGB"), (left, _LABEL))
    return sheet


def _part(corner: Corner) -> tuple[slice, slice]:
    y, x = corner
    return slice(y, y + CROP), slice(x, x + CROP)
