"""What a folder of pictures holds, told by the files' heads before anything is decoded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from irrm_core.engine.layout import Layout
from irrm_core.engine.record import DTYPES
from irrm_core.errors import ImageFileError, IrrmError, UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from irrm_core.progress import Cancel

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp"})

# As the archive marks its names: neither an LR file nor a restoration is an original, and who
# archives next to the originals has them all in one folder.
_MADE_HERE = frozenset({".irrm", ".restored"})

_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_PNG, _PNG_DEPTH = b"\x89PNG", 24
_GRAY = frozenset({"1", "L", "LA"})


@dataclass(frozen=True)
class PictureFile:
    """A file with one picture, or with a stack of them.

    Attributes
    ----------
    path : Path
        The file.
    layout : Layout
        Its axes and shape. Every plane of every channel is a picture.
    deep : bool
        Whether its pixels are anything but uint8: they are mapped channel by channel then, as
        the engine maps them, and the LR has 16 bits.
    """

    path: Path
    layout: Layout
    deep: bool

    @property
    def side(self) -> int:
        """The shorter side of its pictures in pixels."""
        return min(self.layout.height, self.layout.width)


@dataclass(frozen=True)
class Survey:
    """The image files of a folder.

    Attributes
    ----------
    folder : Path
        Where they lie.
    files : tuple of PictureFile
        Sorted by name.
    unreadable : tuple of str
        A message for each file that cannot be read, which names it.
    made_here : tuple of Path
        LR files and restorations, by their names; they are left out.
    """

    folder: Path
    files: tuple[PictureFile, ...]
    unreadable: tuple[str, ...] = ()
    made_here: tuple[Path, ...] = ()

    @property
    def deep(self) -> bool:
        """Whether any file has other than 8-bit pixels."""
        return any(file.deep for file in self.files)

    @property
    def gray(self) -> bool:
        """Whether no file has colours."""
        return all(file.layout.colours == 1 for file in self.files)

    @property
    def side(self) -> int:
        """Shorter side of the largest pictures."""
        return max((file.side for file in self.files), default=0)


def list_images(folder: str | Path) -> list[Path]:
    """Return the image files below a folder, sorted by name; hidden ones do not count.

    Raises
    ------
    UsageError
        There is no such folder, or no image in it.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder; name a folder of pictures")
    paths = sorted(
        p
        for p in folder.rglob("*")
        if p.suffix.lower() in SUFFIXES and not p.name.startswith(".") and p.is_file()
    )
    if not paths:
        raise UsageError(f"{folder}: holds no image files; name a folder of pictures")
    return paths


def survey(folder: str | Path, cancel: Cancel | None = None) -> Survey:
    """Look at the head of every image file below a folder, but of LR files and restorations.

    Raises
    ------
    UsageError
        There are none.
    Cancelled
        `cancel` was flipped.
    """
    files: list[PictureFile] = []
    unreadable: list[str] = []
    made_here: list[Path] = []
    for path in list_images(folder):
        if cancel is not None:
            cancel.check()
        if Path(path.stem).suffix in _MADE_HERE:
            made_here.append(path)
            continue
        try:
            files.append(look(path))
        except IrrmError as error:
            unreadable.append(naming(path, error))
    if not files and not unreadable:
        raise UsageError(f"{folder}: holds LR files and restorations only; give the originals")
    return Survey(Path(folder), tuple(files), tuple(unreadable), tuple(made_here))


def look(path: Path) -> PictureFile:
    """Read the head of one file.

    Raises
    ------
    ImageFileError
        It cannot be read as an image.
    """
    if is_ordinary(path):
        with _opened(path) as image:
            colours = () if image.mode in _GRAY else (3,)
            axes = "YXS" if colours else "YX"
            return PictureFile(path, Layout(axes, (image.height, image.width, *colours)), False)
    from irrm_core.imagefile import open_image

    with open_image(path) as reader:
        if reader.dtype.name not in DTYPES:
            raise ImageFileError(
                f"{path}: {reader.dtype.name} pixels cannot be rescaled; convert it to 8 or 16 bits"
            )
        return PictureFile(path, Layout(reader.axes, reader.shape), reader.dtype != np.uint8)


def is_ordinary(path: Path) -> bool:
    """Whether a file is a picture with 8 bits a channel that Pillow reads whole.

    Training takes these with Pillow, so that it needs nothing else for them. TIFF may be a
    stack, and 16-bit PNG in colour is what Pillow cuts off to 8 bits without a word.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_PNG_DEPTH + 1)
    except OSError as error:
        raise ImageFileError(f"{path}: cannot be read: {error.strerror}") from error
    deep_png = head.startswith(_PNG) and head[_PNG_DEPTH:] == b"\x10"
    return not head.startswith(_TIFF) and not deep_png


def read_ordinary(path: Path, channels: int) -> NDArray[np.uint8]:
    """Read a picture that `is_ordinary`: (H, W, 3) or (H, W, 1).

    Colours for a single-channel network become luma; gray stays a single channel. Alpha is
    dropped.

    Raises
    ------
    ImageFileError
        It cannot be read as an image.
    """
    with _opened(path) as image:
        gray = channels == 1 or image.mode in _GRAY
        pixels = np.asarray(image.convert("L" if gray else "RGB"))
    return pixels[:, :, None] if gray else pixels


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    try:
        with Image.open(path) as image:
            yield image
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ImageFileError(f"{path}: cannot be read as an image: {error}") from error


def naming(path: Path, error: IrrmError) -> str:
    """Return an error's message, with the file's path in front if it is not in it."""
    return str(error) if str(path) in str(error) else f"{path}: {error}"
