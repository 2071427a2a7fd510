"""Real pictures without end, from a folder of some."""

from __future__ import annotations

import io
import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FORMATS = ((".png", "PNG"), (".jpg", "JPEG"), (".tif", "TIFF"), (".webp", "WEBP"))


def photographs(folder: Path, seed: int = 0) -> Iterator[tuple[str, bytes]]:
    """Give suffix and content of the folder's files and then of parts of them, all different.

    Parameters
    ----------
    folder : Path
        With at least one picture, at any depth; what is no picture is given as it is.
    seed : int
        The same seed gives the same files.

    Raises
    ------
    ValueError
        There is no picture in the folder.
    """
    from PIL import Image, UnidentifiedImageError

    chance = random.Random(seed)
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    chance.shuffle(paths)
    usable = []
    for path in paths:
        yield path.suffix, path.read_bytes()
        try:
            with Image.open(path) as image:
                image.verify()
            usable.append(path)
        except (UnidentifiedImageError, OSError):
            continue
    if not usable:
        raise ValueError(f"{folder}: there is no picture in it")
    while True:
        with Image.open(chance.choice(usable)) as image:
            width, height = image.size
            left, top = (chance.randrange(max(1, side // 2)) for side in image.size)
            part = image.convert("RGB").crop((left, top, left + width // 2, top + height // 2))
        suffix, form = chance.choice(_FORMATS)
        stream = io.BytesIO()
        part.save(stream, form)
        yield suffix, stream.getvalue()
