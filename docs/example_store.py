"""A folder of pictures, and the store that a watcher made of it, for the documentation."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[1]
PHOTOS = ROOT / "examples" / "photos"
STACK = ROOT / "src" / "napari_irrm" / "files" / "samples" / "simulated_cells.ome.tif"
_WATCH = (sys.executable, "-m", "irrm_watcher")


def make_pictures(folder: Path) -> Path:
    """Fill a folder with photographs, details of them, and a stack; return it."""
    (folder / "details").mkdir(parents=True)
    (folder / "microscope").mkdir()
    for photo in sorted(PHOTOS.glob("*.png")):
        shutil.copy(photo, folder)
        with Image.open(photo) as image:
            half = image.width // 2
            for side, left in (("left", 0), ("right", half)):
                detail = image.crop((left, 0, left + half, image.height))
                detail.save(folder / "details" / f"{photo.stem}_{side}.png")
    shutil.copy(STACK, folder / "microscope")
    return folder


def make_store(pictures: Path, store: Path) -> Path:
    """Have the watcher archive a folder once; return the store."""
    config = store.with_suffix(".toml")
    for words in (
        ("init", "--folder", pictures, "--store", store, "--delay", "1", "--output", config),
        ("once", "--config", config),
    ):
        subprocess.run([*_WATCH, *map(str, words)], check=True, capture_output=True)
    return store
