"""Pictures to archive, cut so that as many as wanted are all different."""

from __future__ import annotations

import io
import random
from contextlib import suppress
from itertools import cycle, islice
from typing import TYPE_CHECKING

from irrm_core.archive.formats import is_image_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PIL import Image

_LEAST, _MOST = 0.2e6, 0.4e6  # pixels


def write_pictures(source: Path | None, folder: Path, count: int) -> None:
    """Write PNG files of 0.2 to 0.4 megapixels, the same ones each time.

    Parameters
    ----------
    source : Path or None
        A folder with images; those that are too small are passed over. Without one they are
        made up.
    folder : Path
        Is made.
    count : int
        How many.

    Raises
    ------
    RuntimeError
        There is no image that is large enough.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for number, picture in enumerate(islice(_parts(source), count)):
        picture.save(folder / f"picture-{number:04d}.png")


def _parts(source: Path | None) -> Iterator[Image.Image]:
    """Give parts of all images in turn, endlessly; none twice."""
    chance, given = random.Random(0), set[tuple[int, ...]]()
    pictures = list(_made_up() if source is None else _large_enough(source))
    if not pictures:
        raise RuntimeError(f"{source}: no image of {_LEAST / 1e6} MP or more; say --pictures DIR")
    for number, picture in cycle(enumerate(pictures)):
        pixels = chance.uniform(_LEAST, min(_MOST, picture.width * picture.height))
        share = (pixels / (picture.width * picture.height)) ** 0.5
        width, height = (max(8, int(side * share)) for side in picture.size)
        left = chance.randint(0, picture.width - width)
        top = chance.randint(0, picture.height - height)
        if (number, left, top, width, height) not in given:
            given.add((number, left, top, width, height))
            yield picture.crop((left, top, left + width, top + height))


def _large_enough(source: Path) -> Iterator[Image.Image]:
    from PIL import Image

    for path in sorted(source.rglob("*")):
        if path.is_file() and is_image_name(path):
            with suppress(OSError), Image.open(path) as image:
                if image.width * image.height >= _LEAST:
                    yield image.convert("RGB")


def _made_up() -> Iterator[Image.Image]:
    from PIL import Image

    from irrm_watcher.testing import pictures

    # Every fifth file is a whole PNG.
    for _, content in islice(pictures(side=560), 0, 40, 5):
        yield Image.open(io.BytesIO(content)).convert("RGB")
