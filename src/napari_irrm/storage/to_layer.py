"""The work that brings one file of a store into the viewer."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from irrm_core.archive.catalogue import StorageClass
from irrm_core.errors import UsageError
from napari_irrm.layers.provenance import KEY
from napari_irrm.storage.words import name_text, title_of

if TYPE_CHECKING:
    from napari.components import ViewerModel

    from irrm_core.archive.catalogue import Entry
    from napari_irrm.jobs import Context, Settings
    from napari_irrm.storage.browser import StoreBrowser

MOST_LAYERS = 30
"""Files that are brought into the viewer at once; more are for a folder."""


class ToLayerWork:
    """Restore a file of a store into a layer, or show its LR.

    The stored file must be the one that the catalogue knows, and the restoration the one that was
    judged, before anything is shown.

    Parameters
    ----------
    viewer : ViewerModel
        Gets the layer.
    browser : StoreBrowser
        Of the store.
    entry : Entry
        Of class ``lr`` or ``exact``.
    settings : Settings
        Device and tile; model and precision are those that the file was judged with.
    small : bool
        Show the LR as it is; it can be restored later.

    Raises
    ------
    UsageError
        The store has no such picture.
    """

    def __init__(
        self,
        viewer: ViewerModel,
        browser: StoreBrowser,
        entry: Entry,
        settings: Settings,
        *,
        small: bool = False,
    ) -> None:
        from irrm_core.archive import is_image_name

        name = name_text(entry.path)
        if not entry.archived:
            raise UsageError(f"{name}: is not in the store ({entry.reason or entry.state})")
        is_lr = entry.storage is StorageClass.lr
        if not is_lr and not is_image_name(Path(os.fsdecode(entry.path))):
            raise UsageError(f"{name}: is no picture; restore it to a folder")
        if small and not is_lr:
            raise UsageError(f"{name}: is stored exactly and has no LR; restore it")
        self._viewer = viewer
        self._browser = browser
        self._entry = entry
        self._settings = settings
        self._small = small

    @property
    def title(self) -> str:
        """For people."""
        verb = "Open the LR of" if self._small else "Restore"
        return f"{verb} {title_of(self._entry)}"

    def run(self, context: Context) -> dict[str, Any]:
        """Return the keyword arguments of ``add_image``."""
        from irrm_core.archive.recall import check_stored

        stored = self._browser.stored(self._entry)
        check_stored(self._entry, stored)
        if self._small:
            return self._lr(stored)
        if self._entry.storage is StorageClass.lr:
            return self._restored(stored, context)
        return self._unpacked(context)

    def finish(self, result: dict[str, Any]) -> None:
        """Add the layer."""
        self._viewer.add_image(**result)

    def abandon(self) -> None:
        """Do nothing: no layer was added."""

    def _lr(self, stored: Path) -> dict[str, Any]:
        from napari_irrm.files.lr_layer import lr_layer
        from napari_irrm.files.opened import open_lr

        return lr_layer(open_lr(stored), title_of(self._entry))

    def _restored(self, stored: Path, context: Context) -> dict[str, Any]:
        from irrm_core.engine import Layout
        from napari_irrm.files.opened import open_lr
        from napari_irrm.layers import Provenance, allocate, pyramid

        opened = open_lr(stored)
        record = opened.provenance.record
        levels = pyramid(allocate(record.hr_shape, record.dtype), record.axes)
        # The store's own copies of models are enough; see its documentation.
        self._browser.store.register_models()
        rescaler = context.pool.rescaler(
            record.weights_hash,
            device=self._settings.device,
            precision="fp32" if self._entry.measured.get("precision") == "fp32" else "auto",
            tile=self._settings.tile,
        )
        context.planes(Layout(record.axes, record.hr_shape).plane_count)
        rescaler.restore(
            opened.pixels,
            record,
            opened.provenance.side_data,
            progress=context.progress,
            cancel=context.cancel,
            out=levels.levels[0],
            plane_done=lambda plane, _: levels.plane_done(plane),
        )
        title = title_of(self._entry)
        return {
            "name": f"{title} restored",
            "metadata": {KEY: Provenance("restored", record, source=title).to_metadata()},
            **opened.calibration.arguments(),
            **levels.arguments(),
            **_look(record.axes, opened.provenance.display.contrast_limits),
        }

    def _unpacked(self, context: Context) -> dict[str, Any]:
        """Return an exact file: its own bytes are unpacked, checked, and read as a picture."""
        from irrm_core.archive import RescalerPool
        from irrm_core.archive.recall import write_content
        from irrm_core.engine import Layout
        from irrm_core.imagefile import open_image
        from napari_irrm.files.calibration import Calibration
        from napari_irrm.layers import allocate, pyramid

        entry = self._entry
        with tempfile.TemporaryDirectory(prefix="irrm-restored-") as folder:
            target = Path(folder) / f"picture{Path(os.fsdecode(entry.path)).suffix}"
            pool = RescalerPool()  # of no use for an exact file, and empty
            write_content(entry, self._browser.store, target, pool, cancel=context.cancel)
            with open_image(target) as reader:
                info = reader.info
                levels = pyramid(allocate(info.shape, info.dtype), info.axes)
                layout = Layout(info.axes, info.shape)
                context.planes(layout.plane_count)
                context.progress.begin("read", layout.plane_count)
                for plane in layout.planes():
                    context.cancel.check()
                    levels.levels[0][plane.index] = reader[plane.index]
                    levels.plane_done(plane)
                    context.progress.advance()
                context.progress.end()
        return {
            "name": title_of(entry),
            **Calibration.of(info.metadata, info.axes).arguments(),
            **levels.arguments(),
            **_look(info.axes, None),
        }


def _look(axes: str, limits: tuple[float, float] | None) -> dict[str, Any]:
    if "S" in axes:
        return {"rgb": True}
    return {} if limits is None else {"contrast_limits": limits}
