"""Write the golden LR files of a release: ``python tests/golden/make.py MODEL...``.

Files go to ``tests/golden/<version>/<model id>/`` and are never written again: a later
version of irrm must restore them to the references that lie beside them. Run it once for each
newly published model; its weights are bundled or lie in ``tests/golden/models``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image

import irrm_core
from irrm_core.archive import RescalerPool, downscale_file, restore_file
from irrm_core.zoo import find_card, register_folder

GOLDEN = Path(__file__).parent


def scene(height: int, width: int, channels: int) -> NDArray[np.float64]:
    """Return a picture in [0, 1] with a gradient, discs, stripes and some grain."""
    y, x = np.mgrid[:height, :width]
    planes = []
    for channel in range(channels):
        plane = 0.3 + 0.4 * x / width + 0.1 * np.sin(y / (3 + channel))
        plane[(y - height / 3) ** 2 + (x - width / 3) ** 2 < 90 + 30 * channel] = 0.9
        plane[2 * height // 3 :, ::4] *= 0.4
        planes.append(plane)
    grain = np.random.default_rng(11).normal(0, 0.01, (height, width, channels))
    picture: NDArray[np.float64] = (np.stack(planes, -1) + grain).clip(0, 1)
    return picture


def sources(folder: Path, channels: int) -> list[tuple[Path, str | None]]:
    """Write originals; return them with the format that their LR file takes."""
    picture = scene(61, 83, channels)
    made: list[tuple[Path, str | None]] = []

    def add(name: str, pixels: NDArray[Any], wish: str | None = None) -> None:
        path = folder / name
        if name.endswith("png"):
            Image.fromarray(pixels).save(path)
        else:
            tifffile.imwrite(path, pixels, photometric="minisblack")
        made.append((path, wish))

    bytes_ = (picture * 255).round().astype(np.uint8)
    if channels == 3:
        add("photo.png", bytes_)
        add("small.png", bytes_[:5, :3], "webp")
        alpha = np.add.outer(np.arange(61), np.arange(83)).astype(np.uint8)
        add("logo.png", np.dstack([bytes_, alpha]))
    else:
        add("gray.png", bytes_[..., 0], "webp")
        deep = (picture[..., 0] * 3000 + 500).astype(np.uint16)
        deep[10, 20] = 65535
        add("cells.tif", deep)
        add("series.tif", np.stack([deep, deep // 2, deep // 3]))
    return made


def main(references: list[str]) -> None:
    """Write the files of each model."""
    register_folder(GOLDEN / "models")
    for reference in references:
        card = find_card(reference)
        folder = GOLDEN / irrm_core.__version__ / card.id
        folder.mkdir(parents=True)
        rescaler = RescalerPool(device="cpu", precision="fp32").for_model(reference)
        for source, wish in sources(folder, card.channels):
            lr = downscale_file(source, None, rescaler, format=wish)
            restore_file(lr.target, None, rescaler)
            source.unlink()


if __name__ == "__main__":
    main(sys.argv[1:])
