"""Pictures in memory, in the values that a network will be fed when it is used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from irrm_core.engine.layout import Layout, PlaneIndex
from irrm_core.engine.mapping import FullRangeMapping, IntensityMapping
from irrm_core.engine.scan import scan
from irrm_core.engine.source import HRSource
from irrm_core.errors import ImageFileError, UsageError
from irrm_core.progress import Cancel, NoProgress, Progress
from irrm_core.training.files import (
    PictureFile,
    Survey,
    is_ordinary,
    naming,
    read_ordinary,
    survey,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ROWS = 512
_AROUND = 2
_NAMED = 20
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


@dataclass(frozen=True)
class Picture:
    """One plane of one channel of a file, or one photograph.

    Attributes
    ----------
    path : Path
        Where it is from.
    pixels : ndarray
        (H, W, 1) or (H, W, 3), uint8 or uint16; divided by the largest code they are what the
        engine would feed a network. Gray pictures keep one channel whatever the network takes.
    """

    path: Path
    pixels: NDArray[Any]

    @property
    def levels(self) -> int:
        """The largest code, of the picture and of its LR: 255 or 65535."""
        return int(np.iinfo(self.pixels.dtype).max)

    @property
    def deep(self) -> bool:
        """Whether it was mapped from other than 8-bit data."""
        return self.pixels.dtype != np.uint8

    def unit(self) -> NDArray[np.float64]:
        """Return the pixels in [0, 1]."""
        return self.pixels / float(self.levels)


@dataclass(frozen=True)
class Pictures:
    """The pictures of a folder.

    Attributes
    ----------
    folder : Path
        Where they are from.
    pictures : tuple of Picture
        In order of files and planes.
    channels : int
        Of the network that they are for.
    small : tuple of Path
        Files that were left out because their pictures are too small.
    unreadable : tuple of str
        A message for each file that was left out because it cannot be read.
    left_out : int
        Pictures that there was no memory for.
    """

    folder: Path
    pictures: tuple[Picture, ...]
    channels: int
    small: tuple[Path, ...] = ()
    unreadable: tuple[str, ...] = ()
    left_out: int = 0

    def chosen(self, numbers: Sequence[int]) -> Pictures:
        """Return some of the pictures."""
        return replace(self, pictures=tuple(self.pictures[n] for n in numbers))


def load_pictures(
    source: str | Path | Survey,
    *,
    channels: int,
    smallest: int = 1,
    gigabytes: float = 4.0,
    copies: Sequence[float] = (1.0,),
    most: int | None = None,
    skip_unreadable: bool = False,
    seed: int = 0,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Pictures:
    """Read all pictures below a folder.

    8-bit pictures are kept as they are. Of all others each channel is scanned and mapped as
    when it is downscaled (`irrm_core.engine.scan`), what lies outside the mapping's range is
    filled from its neighbours, and the result is kept with 16 bits.

    Parameters
    ----------
    source : path or Survey
        A folder, or what `survey` found in it.
    channels : int
        3 for RGB, 1 for luma.
    smallest : int
        Shortest side of a picture that is of use, in pixels.
    gigabytes : float
        Memory for all pictures and their copies. Of more a choice is read that only depends
        on `seed` and the files; the mapping is then measured on the planes that are read.
    copies : sequence of float
        Sizes at which each picture will be kept, for the sum of memory.
    most : int, optional
        Read so many pictures only: of the first files by name, evenly spread over stacks.
    skip_unreadable : bool
        Leave out files that cannot be read.
    progress : Progress, optional
        Advances file by file.
    cancel : Cancel, optional
        Looked at between files and bands of pixels.

    Raises
    ------
    UsageError
        There is no picture that is large enough, or one alone takes more than the memory.
    ImageFileError
        Files cannot be read; the message names them all.
    Cancelled
        `cancel` was flipped.
    """
    progress, cancel = progress or NoProgress(), cancel or Cancel()
    found = source if isinstance(source, Survey) else survey(source, cancel)
    large = [file for file in found.files if file.side >= smallest]
    if most is not None:
        large = large[:most]
    plan = _chosen_planes(large, channels, gigabytes, copies, seed)
    if most is not None:
        plan = _spread(plan, most)
    pictures: list[Picture] = []
    unreadable = list(found.unreadable)
    progress.begin("reading pictures", len(large))
    try:
        for result in _in_threads(large, plan, channels, cancel):
            if isinstance(result, str):
                unreadable.append(result)
            else:
                pictures.extend(result)
            progress.advance()
    finally:
        progress.end()
    if unreadable and not skip_unreadable:
        raise ImageFileError(_refusal(found, unreadable))
    small = tuple(file.path for file in found.files if file.side < smallest)
    if not pictures:
        raise UsageError(
            f"{found.folder}: no image is as large as a patch of {smallest} pixels; "
            "give larger ones, or set data.patch lower"
        )
    left_out = sum(file.layout.plane_count for file in large) - sum(map(len, plan))
    return Pictures(found.folder, tuple(pictures), channels, small, tuple(unreadable), left_out)


def _in_threads(
    files: Sequence[PictureFile],
    plan: Sequence[Sequence[int]],
    channels: int,
    cancel: Cancel,
) -> Iterator[list[Picture] | str]:
    """Read the files in order, a few at a time; a message for one that cannot be read."""

    def read(number: int) -> list[Picture] | str:
        try:
            return _read(files[number], plan[number], channels, cancel)
        except (ImageFileError, UsageError) as error:
            return naming(files[number].path, error)

    with ThreadPoolExecutor() as pool:
        try:
            yield from pool.map(read, range(len(files)))
        finally:
            pool.shutdown(cancel_futures=True)


def _read(file: PictureFile, planes: Sequence[int], channels: int, cancel: Cancel) -> list[Picture]:
    """Read the chosen planes of a file."""
    cancel.check()
    if not planes:
        return []
    if is_ordinary(file.path):
        return [Picture(file.path, read_ordinary(file.path, channels))]
    from irrm_core.imagefile import open_image

    with open_image(file.path) as image:
        layout = file.layout
        chosen = [layout.plane(number) for number in planes]
        if not file.deep:
            read = [layout.read(image, plane)[..., : layout.colours] for plane in chosen]
            return [Picture(file.path, _bytes(pixels, channels)) for pixels in read]
        mapped: dict[int, NDArray[np.uint16]] = {}
        for channel in sorted({plane.channel for plane in chosen}):
            stack = _Chosen(image, layout, [p for p in chosen if p.channel == channel])
            mapping = scan(stack, stack.layout, "fill", cancel).mappings[0]
            for plane in stack.planes:
                cancel.check()
                pixels = layout.read(image, plane)[..., : layout.colours]
                mapped[plane.number] = _mapped(pixels, mapping, channels)
        return [Picture(file.path, mapped[plane.number]) for plane in chosen]


class _Chosen:
    """The chosen planes of one channel, as an array with the axes TYXS that can be scanned."""

    def __init__(self, image: Any, layout: Layout, planes: list[PlaneIndex]) -> None:
        self._image, self._layout, self.planes = image, layout, planes
        self.shape = (len(planes), *layout.plane_shape)
        self.dtype = image.dtype
        self.layout = Layout("TYXS", self.shape)

    def __getitem__(self, index: tuple[Any, ...]) -> NDArray[Any]:
        number, *inside = index
        plane = self._layout.read(self._image, self.planes[number])
        return np.asarray(plane[tuple(inside)])


def _bytes(pixels: NDArray[np.uint8], channels: int) -> NDArray[np.uint8]:
    """Return (H, W, 3) or (H, W, 1) as a network of so many channels wants it."""
    if pixels.shape[2] <= channels:
        return np.ascontiguousarray(pixels)
    return np.asarray(Image.fromarray(np.ascontiguousarray(pixels)).convert("L"))[:, :, None]


def _mapped(
    pixels: NDArray[Any], mapping: IntensityMapping | FullRangeMapping, channels: int
) -> NDArray[np.uint16]:
    """Return a deep plane as the engine would feed it, in 16 bits; some rows at a time."""
    height, width, colours = pixels.shape
    out = np.empty((height, width, min(channels, colours)), np.uint16)
    source = HRSource(pixels, mapping, np.arange(height), np.arange(width), colours)
    for top in range(0, height, _ROWS):
        bottom = min(top + _ROWS, height)
        first, last = max(top - _AROUND, 0), min(bottom + _AROUND, height)
        unit = source.window(slice(first, last), slice(0, width))[top - first : bottom - first]
        if out.shape[2] < colours:
            unit = (unit @ _LUMA)[:, :, None]
        out[top:bottom] = np.rint(unit * 65535)
    return out


def _chosen_planes(
    files: Sequence[PictureFile],
    channels: int,
    gigabytes: float,
    copies: Sequence[float],
    seed: int,
) -> list[Sequence[int]]:
    """Return, for each file, the numbers of the planes that there is memory for."""
    space = gigabytes * 1e9
    area = sum(factor**2 for factor in copies)
    costs = []
    for file in files:
        kept = min(channels, file.layout.colours) * (2 if file.deep else 1)
        costs.append(file.layout.height * file.layout.width * kept * area)
        if costs[-1] > space:
            raise UsageError(
                f"{file.path}: one plane of {file.layout.width}x{file.layout.height} pixels takes "
                f"{costs[-1] / 1e9:.1f} GB, and data.gigabytes is {gigabytes:g}; cut it into "
                "smaller pictures, or raise data.gigabytes in the recipe"
            )
    counts = [file.layout.plane_count for file in files]
    if sum(cost * count for cost, count in zip(costs, counts, strict=True)) <= space:
        return [range(count) for count in counts]
    owner = np.repeat(np.arange(len(files)), counts)
    number = np.concatenate([np.arange(count) for count in counts])
    order = np.random.default_rng([seed, 0x9A11]).permutation(len(owner))
    fits = np.cumsum(np.array(costs)[owner[order]]) <= space
    plan: list[list[int]] = [[] for _ in files]
    for at in sorted(order[fits].tolist()):
        plan[owner[at]].append(int(number[at]))
    return list(plan)


def _spread(plan: Sequence[Sequence[int]], most: int) -> list[Sequence[int]]:
    """Return so many planes at most, as many of each file and evenly spread over it."""
    out: list[Sequence[int]] = []
    for number, planes in enumerate(plan):
        share = -(-(most - sum(map(len, out))) // (len(plan) - number))
        out.append(planes if len(planes) <= share else planes[:: -(-len(planes) // max(share, 1))])
    return out


def _refusal(found: Survey, unreadable: Sequence[str]) -> str:
    named = "; ".join(unreadable[:_NAMED]) + ("; and so on" if len(unreadable) > _NAMED else "")
    return (
        f"{found.folder}: {len(unreadable)} of {len(found.files) + len(found.unreadable)} files "
        f"cannot be read; remove them, or leave them out with --skip-unreadable: {named}"
    )
