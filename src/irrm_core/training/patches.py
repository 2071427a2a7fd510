"""Patches for training: cut, turned over, and paired with their bicubic LR."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from irrm_core.errors import ImageFileError, UsageError
from irrm_core.metrics.bicubic import bicubic
from irrm_core.training.microscopy import imitate_microscopy

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from irrm_core.training.recipe import DataRecipe

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp"})


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


def list_images(folder: str | Path) -> list[Path]:
    """Return the image files below a folder, sorted by name.

    Raises
    ------
    UsageError
        There are none.
    """
    folder = Path(folder)
    paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
    if not paths:
        raise UsageError(f"{folder}: holds no image files; name a folder of photographs")
    return paths


class PatchSource:
    """All pictures of a folder in memory, patches of which are drawn at random.

    A batch is a function of seed and step only, so a resumed run sees what an
    uninterrupted one would have seen.

    Parameters
    ----------
    folder : path
        Searched for images, with all its subfolders.
    recipe : DataRecipe
        Patch size, batch, copies and sampling.
    channels : int
        3 for RGB, 1 for luma.
    scale : int
        Scale of the LR references.
    seed : int
        Of every random choice.

    Raises
    ------
    UsageError
        There are no images, or none as large as a patch.
    ImageFileError
        An image cannot be read, or has more than 8 bits a channel.
    """

    def __init__(
        self,
        folder: str | Path,
        recipe: DataRecipe,
        *,
        channels: int,
        scale: int,
        seed: int = 0,
    ) -> None:
        self.recipe = recipe
        self.scale = scale
        self.seed = seed
        # The cubic reaches 2 LR pixels: that much is cut round a patch so that its LR is exact.
        self.margin = 2 * scale
        paths = list_images(folder)
        with ThreadPoolExecutor() as pool:
            loaded = pool.map(lambda path: _load(path, channels, recipe.copies), paths)
            pictures = [p for copies in loaded for p in copies if min(p.shape[:2]) >= recipe.patch]
        if not pictures:
            raise UsageError(f"{folder}: no image is as large as a patch of {recipe.patch} pixels")
        self.pictures = [
            np.pad(p, ((self.margin,) * 2, (self.margin,) * 2, (0, 0)), mode="symmetric")
            for p in pictures
        ]
        self._corners, weights = _corners(pictures, recipe.patch, recipe.texture)
        self._cumulative = np.cumsum(weights) / weights.sum()
        full = recipe.patch + 2 * self.margin
        taps = bicubic(np.eye(full), full // scale, full)
        self._shrink = torch.from_numpy(taps[2:-2].astype(np.float32))

    def batch(self, step: int) -> Batch:
        """Draw the batch of a step."""
        rng = np.random.default_rng([self.seed, step])
        side = self.recipe.patch + 2 * self.margin
        picks = np.searchsorted(self._cumulative, rng.random(self.recipe.batch))
        cuts = []
        for pick in picks:
            index, y, x = self._corners[pick]
            picture = self.pictures[index]
            jitter = rng.integers(0, self.recipe.patch // 2, size=2)
            y = min(y + jitter[0], picture.shape[0] - side)
            x = min(x + jitter[1], picture.shape[1] - side)
            cuts.append(_turn(picture[y : y + side, x : x + side], int(rng.integers(8))))
        wide = torch.from_numpy(np.stack(cuts)).permute(0, 3, 1, 2).float().div_(255.0)
        levels = torch.full((len(cuts), 1, 1, 1), 255.0)
        if self.recipe.microscopy:
            wide = imitate_microscopy(wide, rng)
            levels[rng.random(len(cuts)) < 0.5] = 65535.0
        lr = self._shrink @ wide @ self._shrink.T
        m = self.margin
        return Batch(wide[:, :, m:-m, m:-m].contiguous(), lr, levels)


def read_picture(path: Path, channels: int) -> Image.Image:
    """Read an 8-bit picture as RGB (3 channels) or luma (1).

    Raises
    ------
    ImageFileError
        It cannot be read, or has more than 8 bits a channel, which Pillow would cut off.
    """
    try:
        with Image.open(path) as opened:
            if opened.mode.startswith(("I", "F")):
                raise ImageFileError(f"{path}: training takes 8-bit images; convert it first")
            return opened.convert("RGB" if channels == 3 else "L")
    except ImageFileError:
        raise
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ImageFileError(f"{path}: cannot be read as an image: {error}") from error


def _load(path: Path, channels: int, copies: tuple[float, ...]) -> list[NDArray[np.uint8]]:
    image = read_picture(path, channels)
    out = []
    for factor in copies:
        size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
        copy = image if factor == 1 else image.resize(size, Image.Resampling.LANCZOS)
        pixels = np.asarray(copy)
        out.append(pixels if channels == 3 else pixels[:, :, None])
    return out


def _turn(patch: NDArray[np.uint8], way: int) -> NDArray[np.uint8]:
    """One of the eight symmetries of the square."""
    if way & 1:
        patch = patch[::-1]
    if way & 2:
        patch = patch[:, ::-1]
    if way & 4:
        patch = patch.transpose(1, 0, 2)
    return np.ascontiguousarray(patch)


def _corners(
    pictures: list[NDArray[np.uint8]], patch: int, exponent: float
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Upper left corners on a grid of half patches, with their sampling weights."""
    corners: list[tuple[int, int, int]] = []
    weights: list[float] = []
    for index, picture in enumerate(pictures):
        gray = picture.mean(axis=2, dtype=np.float32)
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
