"""Two layers side by side, or in turn."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Layer

Undo = Callable[[], None]


def side_by_side(viewer: ViewerModel, left: Layer, right: Layer) -> Undo:
    """Show two layers beside each other and hide the others.

    Parameters
    ----------
    viewer : ViewerModel
        Its grid mode is used, whose views move and zoom together.
    left, right : Layer
        Those to see.

    Returns
    -------
    callable
        Shows all as it was before.
    """
    grid, camera = _grid(viewer), _camera(viewer)
    stride, shape, enabled = grid.stride, grid.shape, grid.enabled
    center, zoom = camera.center, camera.zoom
    show_all = _show_only(viewer, (left, right))
    # Grids go by the order of the layer list; a negative stride turns it round.
    in_order = viewer.layers.index(left) < viewer.layers.index(right)
    grid.stride, grid.shape = 1 if in_order else -1, (1, 2)
    grid.enabled = True
    viewer.reset_view()

    def undo() -> None:
        grid.enabled = enabled
        grid.stride, grid.shape = stride, shape
        show_all()
        camera.center, camera.zoom = center, zoom

    return undo


class Blink:
    """Shows two layers in turn, at the same place.

    Parameters
    ----------
    viewer : ViewerModel
        Of the layers; all its others are hidden meanwhile.
    one, other : Layer
        `one` is shown first.
    """

    def __init__(self, viewer: ViewerModel, one: Layer, other: Layer) -> None:
        self._viewer = viewer
        self._pair = (one, other)
        self._undo = _show_only(viewer, (one,))

    def step(self) -> Layer | None:
        """Show the other one, and return it; None when one of the two is gone."""
        one, other = self._pair
        if one not in self._viewer.layers or other not in self._viewer.layers:
            return None
        # Showing before hiding leaves no dark moment between them.
        other.visible = True
        one.visible = False
        self._pair = (other, one)
        return other

    def stop(self) -> None:
        """Show all layers as they were before."""
        self._undo()


def _show_only(viewer: ViewerModel, layers: Collection[Layer]) -> Undo:
    # Who removes a layer meanwhile gets its memory back.
    before = WeakKeyDictionary({layer: layer.visible for layer in viewer.layers})
    for layer in viewer.layers:
        layer.visible = layer in layers

    def undo() -> None:
        for layer, visible in before.items():
            if layer in viewer.layers:
                layer.visible = visible

    return undo


def _grid(viewer: ViewerModel) -> Any:
    # napari before 0.9 had it on the viewer itself.
    return viewer.canvas.grid if hasattr(viewer, "canvas") else viewer.grid


def _camera(viewer: ViewerModel) -> Any:
    return viewer.scene.camera if hasattr(viewer, "scene") else viewer.camera
