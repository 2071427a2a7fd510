"""What the menus do: jobs for the selected layers.

The commands of the manifest; napari fills in the viewer. What cannot be done is told in napari's
notifications, one sentence a layer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Image, Layer

    from napari_irrm.jobs import Settings, Work


def downscale_selected(viewer: ViewerModel) -> None:
    """Queue the downscaling of each selected image layer, with the preferred model if it fits."""
    from napari_irrm.jobs import DownscaleWork

    viewer = _itself(viewer)
    _queue(
        viewer,
        _selected(viewer),
        lambda layer: DownscaleWork(viewer, layer, _settings(layer)),
    )


def restore_selected(viewer: ViewerModel) -> None:
    """Queue the restoration of each selected layer; one without a record is told of."""
    viewer = _itself(viewer)
    restore_layers(viewer, _selected(viewer))


def restore_layers(viewer: ViewerModel, layers: Sequence[Layer]) -> None:
    """Queue the restoration of layers, by their records alone: no model is assumed."""
    from napari_irrm.jobs import RestoreWork

    viewer = _itself(viewer)
    _queue(viewer, layers, lambda layer: RestoreWork(viewer, layer, _settings(None)))


def compare_selected(viewer: ViewerModel) -> None:
    """Compare two selected layers, or a restored one with its original; show the results."""
    from irrm_core.errors import IrrmError
    from napari_irrm.comparing import CompareWork, pair_of
    from napari_irrm.jobs import session_of

    viewer = _itself(viewer)
    session = session_of(viewer)
    pair = pair_of(list(viewer.layers), _selected(viewer))
    if pair is None:
        session.notify(
            "There is nothing to compare: select an original and its restoration in the layer "
            "list, two layers of the same size."
        )
        return
    if hasattr(viewer, "window"):
        from napari_irrm.widgets.compare_opening import open_compare

        open_compare(viewer)
    try:
        session.queue.submit(CompareWork(viewer, *pair))
    except IrrmError as error:
        session.alarm(str(error))


def _queue(viewer: ViewerModel, layers: Sequence[Layer], work: Callable[[Image], Work]) -> None:
    from irrm_core.errors import IrrmError
    from napari_irrm.jobs import session_of

    session = session_of(viewer)
    if not layers:
        session.notify("No layer is selected: select image layers in the layer list first.")
    for layer in layers:
        try:
            session.queue.submit(work(layer))
        except IrrmError as error:
            session.alarm(str(error))


def _settings(layer: Layer | None) -> Settings:
    """Return the preferences for a job; the preferred model only where a layer takes it."""
    from napari_irrm.jobs import preferred_settings
    from napari_irrm.settings import preferences

    return preferred_settings(None if layer is None else _fitting(preferences().model, layer))


def _fitting(model: str | None, layer: Layer) -> str | None:
    """Return the preferred model if it fits the layer, else None: the default one will."""
    from napari_irrm.layers import image_of
    from napari_irrm.rescaling import fitting_models

    if model is None:
        return None
    fits = any(choice.goes_by(model) for choice in fitting_models(image_of(layer)))
    return model if fits else None


def _selected(viewer: ViewerModel) -> list[Layer]:
    return [layer for layer in viewer.layers if layer in viewer.layers.selection]


def _itself(viewer: ViewerModel) -> ViewerModel:
    """Return the viewer rather than the proxy that napari gives to commands."""
    from napari_irrm.jobs.session import unwrapped

    return unwrapped(viewer)
