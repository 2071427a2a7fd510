"""Patches for training: cut, turned over, and paired with their bicubic LR."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from irrm_core.errors import UsageError
from irrm_core.metrics.bicubic import bicubic
from irrm_core.training.microscopy import imitate_microscopy
from irrm_core.training.pictures import Pictures, load_pictures
from irrm_core.training.pure_colours import draw_shapes, recolour
from irrm_core.training.reading import Picture
from irrm_core.training.typeset import draw_page

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from irrm_core.training.recipe import DataRecipe

# Of the random numbers that drawings and new colours use: the others are the same without them.
_DRAWINGS, _COLOURS = 1, 2


@dataclass(frozen=True)
class Batch:
    """One step's worth of training data.

    Attributes
    ----------
    hr : Tensor
        (N, C, P, P), float32 in [0, 1].
    lr : Tensor
        (N, C, P/s, P/s): the antialiased bicubic LR of `hr`, cut from the larger picture.
    levels : Tensor
        (N, 1, 1, 1): the largest code of each patch's LR, 255 or 65535.
    """

    hr: Tensor
    lr: Tensor
    levels: Tensor

    def to(self, device: str) -> Batch:
        """Return the batch on a device, in the layout that convolutions are fastest in."""
        last = torch.channels_last
        return Batch(
            self.hr.to(device, memory_format=last), self.lr.to(device), self.levels.to(device)
        )


class PatchSource:
    """Pictures in memory, patches of which are drawn at random.

    A batch is a function of the pictures, seed and step only, so a resumed run sees what an
    uninterrupted one would have seen.

    Parameters
    ----------
    data : path or Pictures
        A folder, searched with all its subfolders; or what `load_pictures` read.
    recipe : DataRecipe
        Patch size, batch, copies and sampling.
    channels : int
        3 for RGB, where gray pictures are tripled; 1 for luma.
    scale : int
        Scale of the LR references.
    seed : int
        Of every random choice.

    Raises
    ------
    UsageError
        There are no images, or none as large as a patch.
    ImageFileError
        Images cannot be read.
    """

    def __init__(
        self,
        data: str | Path | Pictures,
        recipe: DataRecipe,
        *,
        channels: int,
        scale: int,
        seed: int = 0,
    ) -> None:
        if not isinstance(data, Pictures):
            data = load_pictures(
                data,
                channels=channels,
                smallest=recipe.patch,
                gigabytes=recipe.gigabytes,
                copies=recipe.copies,
                seed=seed,
            )
        self.recipe = recipe
        self.channels = channels
        self.scale = scale
        self.seed = seed
        # The cubic reaches 2 LR pixels: that much is cut round a patch so that its LR is exact.
        self.margin = 2 * scale
        copies = [_copy(p, factor) for p in data.pictures for factor in recipe.copies]
        self.pictures = [pixels for pixels in copies if min(pixels.shape[:2]) >= recipe.patch]
        if not self.pictures:
            raise UsageError(
                f"{data.folder}: no image is as large as a patch of {recipe.patch} pixels"
            )
        self._corners, weights = _corners(self.pictures, recipe.patch, recipe.texture)
        self._cumulative = np.cumsum(weights) / weights.sum()
        full = recipe.patch + 2 * self.margin
        taps = bicubic(np.eye(full), full // scale, full)
        self._shrink = torch.from_numpy(taps[2:-2].astype(np.float32))

    def batch(self, step: int) -> Batch:
        """Draw the batch of a step."""
        rng = np.random.default_rng([self.seed, step])
        patch, side = self.recipe.patch, self.recipe.patch + 2 * self.margin
        picks = np.searchsorted(self._cumulative, rng.random(self.recipe.batch))
        cuts = []
        for pick in picks:
            index, y, x = self._corners[pick]
            picture = self.pictures[index]
            jitter = rng.integers(0, patch // 2, size=2)
            y = min(y + jitter[0], picture.shape[0] - patch)
            x = min(x + jitter[1], picture.shape[1] - patch)
            cut = _cut(picture, y - self.margin, x - self.margin, side)
            turned = _turn(cut, int(rng.integers(8)))
            cuts.append(turned if turned.shape[2] == self.channels else turned.repeat(3, axis=2))
        if self.recipe.recolour > 0:
            self._recolour(cuts, step)
        wide, levels = self._unit(cuts)
        if self.recipe.microscopy:
            # Deep pictures look as a microscope's already.
            shallow = levels == 255.0
            wide = torch.where(shallow, imitate_microscopy(wide, rng), wide)
            levels[rng.random(len(cuts)) < 0.5] = 65535.0
        if self.recipe.text + self.recipe.shapes > 0:
            self._draw(wide, levels, step)
        lr = self._shrink @ wide @ self._shrink.T
        m = self.margin
        return Batch(wide[:, :, m:-m, m:-m].contiguous(), lr, levels)

    def _unit(self, cuts: Sequence[NDArray[Any]]) -> tuple[Tensor, Tensor]:
        """Return (N, C, h, w) in [0, 1] and the levels (N, 1, 1, 1)."""
        levels = torch.tensor([float(np.iinfo(cut.dtype).max) for cut in cuts]).view(-1, 1, 1, 1)
        values = np.stack([cut.astype(np.float32) for cut in cuts])
        return torch.from_numpy(values).permute(0, 3, 1, 2).div(levels), levels

    def _recolour(self, cuts: list[NDArray[Any]], step: int) -> None:
        """Move the colours of some patches of photographs elsewhere in the cube."""
        rng = np.random.default_rng([self.seed, step, _COLOURS])
        for number in np.flatnonzero(rng.random(len(cuts)) < self.recipe.recolour):
            if cuts[number].dtype == np.uint8 and self.channels == 3:
                cuts[number] = recolour(cuts[number], rng)

    def _draw(self, wide: Tensor, levels: Tensor, step: int) -> None:
        """Put drawn pages and shapes in place of some patches."""
        rng = np.random.default_rng([self.seed, step, _DRAWINGS])
        kinds = rng.random(len(wide))
        for number in np.flatnonzero(kinds < self.recipe.text + self.recipe.shapes):
            draw = draw_page if kinds[number] < self.recipe.text else draw_shapes
            drawing = draw(wide.shape[-1], rng)
            if self.channels == 1:
                drawing = np.array(Image.fromarray(drawing).convert("L"))[:, :, None]
            # Most text is upright.
            drawing = _turn(drawing, int(rng.integers(8)) if rng.random() < 0.25 else 0)
            wide[number] = torch.from_numpy(drawing).permute(2, 0, 1) / 255.0
            levels[number] = 255.0


def _copy(picture: Picture, factor: float) -> NDArray[Any]:
    """Return the pixels at another size, uint8 or uint16 as they are."""
    pixels = picture.pixels
    if factor == 1:
        return pixels
    height, width = (max(1, round(side * factor)) for side in pixels.shape[:2])
    if not picture.deep:
        image = Image.fromarray(pixels if pixels.shape[2] == 3 else pixels[:, :, 0])
        small = np.asarray(image.resize((width, height), Image.Resampling.LANCZOS))
        return small if small.ndim == 3 else small[:, :, None]
    # Pillow resizes no colours of 16 bits, but any plane of floats.
    planes = [
        Image.fromarray(pixels[:, :, colour].astype(np.float32)).resize(
            (width, height), Image.Resampling.LANCZOS
        )
        for colour in range(pixels.shape[2])
    ]
    values = np.stack([np.asarray(plane) for plane in planes], axis=2)
    codes: NDArray[np.uint16] = np.clip(np.rint(values), 0, 65535).astype(np.uint16)
    return codes


def _cut(picture: NDArray[Any], top: int, left: int, side: int) -> NDArray[Any]:
    """Cut a square out; what lies outside the picture is mirrored."""
    height, width = picture.shape[:2]
    if min(top, left) >= 0 and top + side <= height and left + side <= width:
        return picture[top : top + side, left : left + side]
    rows, columns = _mirrored(top, side, height), _mirrored(left, side, width)
    return np.asarray(picture[rows[:, None], columns])


def _mirrored(start: int, count: int, size: int) -> NDArray[np.intp]:
    """Return indices 1 0 | 0 1 2 ... n-1 | n-1 n-2 of an axis of n."""
    period = np.arange(start, start + count) % (2 * size)
    index: NDArray[np.intp] = np.where(period < size, period, 2 * size - 1 - period)
    return index


def _turn(patch: NDArray[Any], way: int) -> NDArray[Any]:
    """One of the eight symmetries of the square."""
    if way & 1:
        patch = patch[::-1]
    if way & 2:
        patch = patch[:, ::-1]
    if way & 4:
        patch = patch.transpose(1, 0, 2)
    return np.ascontiguousarray(patch)


def _corners(
    pictures: list[NDArray[Any]], patch: int, exponent: float
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Upper left corners on a grid of half patches, with their sampling weights."""
    corners: list[tuple[int, int, int]] = []
    weights: list[float] = []
    for index, picture in enumerate(pictures):
        gray = picture.mean(axis=2, dtype=np.float32)
        if picture.dtype == np.uint16:
            gray *= np.float32(255 / 65535)
        texture = np.zeros_like(gray)
        texture[1:-1, 1:-1] = np.abs(
            4 * gray[1:-1, 1:-1]
            - gray[:-2, 1:-1]
            - gray[2:, 1:-1]
            - gray[1:-1, :-2]
            - gray[1:-1, 2:]
        )
        for y in range(0, gray.shape[0] - patch + 1, patch // 2):
            for x in range(0, gray.shape[1] - patch + 1, patch // 2):
                corners.append((index, y, x))
                weights.append(float(texture[y : y + patch, x : x + patch].mean()) + 1.0)
    return np.array(corners, dtype=np.intp), np.array(weights) ** exponent
