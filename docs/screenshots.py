"""Make the pictures of ``docs/napari.md``: napari with the plugin in use, under Xvfb.

Each scene is a new viewer of 1200 by 800 pixels, with real models on bundled samples.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

# Whoever runs this keeps their own settings; napari reads this when it is imported.
os.environ["NAPARI_CONFIG"] = str(Path(tempfile.mkdtemp("-napari")) / "settings.yaml")

import napari
import numpy as np
from example_store import make_pictures, make_store
from napari.settings import get_settings
from PIL import Image
from qtpy.QtWidgets import QApplication, QWidget

from napari_irrm.jobs import session_of

if TYPE_CHECKING:
    from napari import Viewer
    from numpy.typing import NDArray

    from napari_irrm.widgets.rescale import RescaleWidget

IMAGES = Path(__file__).parent / "images"
PLUGIN = "napari-irrm"
SIZE = (1200, 800)
LARGEST = 250_000
"""Bytes of a picture."""
PATIENCE = 300.0
"""Seconds for which a scene waits for its jobs."""


@dataclass(frozen=True)
class Scene:
    """One picture.

    Attributes
    ----------
    name : str
        Of the file, ``napari-NAME.png``.
    stage : callable
        Sets up a viewer, with the help of an empty folder, and waits for what is to be seen.
    theme : str
        ``"dark"`` or ``"light"``.
    font : int
        Size in points; napari's own is 9.
    """

    name: str
    stage: Callable[[Viewer, Path], None]
    theme: str = "dark"
    font: int = 9


def main() -> None:
    """Make all pictures, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="of scenes; all, if none is named")
    parser.add_argument("--out", type=Path, default=IMAGES, help="folder for the pictures")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for scene in SCENES:
        if not arguments.names or scene.name in arguments.names:
            path = arguments.out / f"napari-{scene.name}.png"
            picture(scene, path)
            print(f"{path} ({path.stat().st_size // 1000} kB)")


def picture(scene: Scene, path: Path) -> None:
    """Make one picture."""
    appearance = get_settings().appearance
    appearance.theme, appearance.font_size = scene.theme, scene.font
    viewer = napari.Viewer(show_welcome_screen=False)
    with tempfile.TemporaryDirectory(prefix="pictures-") as folder:
        viewer.window.resize(*SIZE)
        scene.stage(viewer, Path(folder))
        settle()
        save(viewer.screenshot(canvas_only=False, flash=False), path)
        viewer.close()
        settle()


def save(pixels: NDArray[np.uint8], path: Path) -> None:
    """Write a picture as a PNG, with a palette where it would be too large otherwise."""
    image = Image.fromarray(pixels).convert("RGB")
    image.save(path, optimize=True)
    if path.stat().st_size > LARGEST:
        image.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


def wait(met: Callable[[], bool], what: str) -> None:
    """Let the window live until something is there."""
    until = time.monotonic() + PATIENCE
    while not met():
        if time.monotonic() > until:
            raise TimeoutError(f"waited {PATIENCE:.0f} s for {what}")
        settle(0.05)


def settle(seconds: float = 0.4) -> None:
    """Let the window draw what it has to."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        QApplication.processEvents()
        time.sleep(0.005)


def open_widget(viewer: Viewer, name: str) -> QWidget:
    """Open one of the plugin's widgets as its menu does."""
    _, widget = viewer.window.add_plugin_dock_widget(PLUGIN, name)
    settle()
    return widget


def finish_jobs(viewer: Viewer) -> None:
    """Wait until nothing runs and nothing waits."""
    wait(lambda: not session_of(viewer).queue.tickets, "the jobs")


def rescale(viewer: Viewer, sample: str) -> RescaleWidget:
    """Open a sample and the widget, and wait until it says what to expect."""
    viewer.open_sample(PLUGIN, sample)
    widget: RescaleWidget = open_widget(viewer, "Rescale")
    wait(lambda: "dB" in widget.estimate.said, "the estimate")
    return widget


def photograph(viewer: Viewer, _: Path) -> None:
    """Show a photograph that was downscaled."""
    rescale(viewer, "photograph").run.click()
    finish_jobs(viewer)


def stack(viewer: Viewer, _: Path) -> None:
    """Show a stack while it is downscaled and another job waits."""
    widget = rescale(viewer, "stack")
    widget.run.click()
    widget.direction.chosen.emit("roundtrip")
    widget.run.click()
    wait(lambda: widget.jobs.rows[0].bar.value() > 0, "the first tile")


def restore(viewer: Viewer, _: Path) -> None:
    """Show an LR layer that was restored."""
    widget = rescale(viewer, "photograph")
    widget.run.click()
    finish_jobs(viewer)
    widget.layer.choose(viewer.layers[-1])
    settle()
    widget.run.click()
    finish_jobs(viewer)
    wait(lambda: "about" in widget.estimate.said, "the estimate")


def compare(viewer: Viewer, _: Path) -> None:
    """Show a stack, downscaled and restored, and how far each plane is from the original."""
    viewer.open_sample(PLUGIN, "stack")
    widget = open_widget(viewer, "Rescale")
    widget.controller.direction = "roundtrip"
    widget.run.click()
    finish_jobs(viewer)
    viewer.window.remove_dock_widget(widget)
    open_widget(viewer, "Compare")


def archive(viewer: Viewer, folder: Path) -> None:
    """Show a store, and what came back from it."""
    widget = open_widget(viewer, "Archive")
    widget.open(make_store(make_pictures(folder / "pictures"), folder / "store"))
    wait(lambda: widget.model.rowCount() > 0, "the list of the store")
    settle(2)
    widget.entries.selectRow(1)
    widget.to_layers.click()
    wait(lambda: len(viewer.layers) == 1, "the restored layer")
    finish_jobs(viewer)


def compress(viewer: Viewer, folder: Path) -> None:
    """Show a folder whose LR files were tried out."""
    widget = open_widget(viewer, "Compress folder…")
    widget.choose(make_pictures(folder / "pictures"))
    widget.try_out.click()
    finish_jobs(viewer)


SCENES = (
    Scene("rescale", photograph),
    Scene("stack", stack),
    Scene("restore", restore, theme="light"),
    Scene("compare", compare),
    Scene("archive", archive),
    Scene("compress", compress, theme="light"),
    Scene("large-font", photograph, theme="light", font=16),
)

if __name__ == "__main__":
    main()
