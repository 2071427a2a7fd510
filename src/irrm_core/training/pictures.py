"""The pictures of a folder, in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from irrm_core.errors import ImageFileError, UsageError
from irrm_core.progress import Cancel, NoProgress, Progress
from irrm_core.training.files import PictureFile, Survey, naming, survey
from irrm_core.training.reading import Picture, read_planes
from irrm_core.training.room import planes_that_fit, spread_evenly

_NAMED = 20


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
    plan = planes_that_fit(large, channels, gigabytes, copies, seed)
    if most is not None:
        plan = spread_evenly(plan, most)
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
            return read_planes(files[number], plan[number], channels, cancel)
        except (ImageFileError, UsageError) as error:
            return naming(files[number].path, error)

    with ThreadPoolExecutor() as pool:
        try:
            yield from pool.map(read, range(len(files)))
        finally:
            pool.shutdown(cancel_futures=True)


def _refusal(found: Survey, unreadable: Sequence[str]) -> str:
    named = "; ".join(unreadable[:_NAMED]) + ("; and so on" if len(unreadable) > _NAMED else "")
    return (
        f"{found.folder}: {len(unreadable)} of {len(found.files) + len(found.unreadable)} files "
        f"cannot be read; remove them, or leave them out with --skip-unreadable: {named}"
    )
