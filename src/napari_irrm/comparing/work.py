"""The work that compares two layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_irrm.comparing.comparison import Comparison

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Image

    from napari_irrm.jobs import Context


class CompareWork:
    """Measures a restored layer against its original and shows the difference.

    Parameters
    ----------
    viewer : ViewerModel
        Of the layers.
    original, restored : Image
        Layers of the same size.
    """

    def __init__(self, viewer: ViewerModel, original: Image, restored: Image) -> None:
        self.title = f"Compare {restored.name} with {original.name}"

    def run(self, context: Context) -> Comparison:
        """Measure in a thread, plane by plane."""
        raise NotImplementedError

    def finish(self, result: Comparison) -> None:
        """Show the result; on the viewer's thread."""
        raise NotImplementedError

    def abandon(self) -> None:
        """Take the difference layer back; on the viewer's thread."""
        raise NotImplementedError
