"""A model prepared to run: on its device, in its precision, with its tile size."""

from __future__ import annotations

from dataclasses import dataclass

from irrm_core.device import subnet_dtype
from irrm_core.engine.layout import Layout
from irrm_core.engine.padding import Padding
from irrm_core.engine.passes import NetworkPass
from irrm_core.engine.tiling import TileGrid
from irrm_core.errors import UsageError
from irrm_core.networks import RescalingNetwork
from irrm_core.zoo import ModelCard

# Fixed, not fitted to the memory that happens to be free: the tiling decides the last bit of a
# restoration, and the same file must restore to the same bytes. A shortage halves it.
TILE = 1024
"""Side of a tile's core in HR pixels unless one is named."""


@dataclass(frozen=True)
class Runtime:
    """What downscaling and restoring need to know of a model and a machine.

    Attributes
    ----------
    card : ModelCard
        Of the model.
    network : RescalingNetwork
        In evaluation mode, on `device`.
    device : str
        As torch names it.
    precision : str
        ``"auto"`` or ``"fp32"``.
    tile : int
        Side of a tile's core in HR pixels.
    """

    card: ModelCard
    network: RescalingNetwork
    device: str
    precision: str
    tile: int

    def network_pass(self, bits: int) -> NetworkPass:
        """Return the network as functions of arrays, for an LR of 8 or 16 bits."""
        return NetworkPass(
            self.network, self.device, subnet_dtype(self.device, self.precision, bits)
        )

    def paddings(self, layout: Layout) -> tuple[Padding, Padding]:
        """Return the padding of the rows and of the columns of an HR image."""
        scale, multiple = self.card.scale, self.card.size_multiple
        return Padding(layout.height, scale, multiple), Padding(layout.width, scale, multiple)

    def grid(self, layout: Layout, halo: int) -> TileGrid:
        """Return the tile grid of the planes of an HR image."""
        rows, columns = self.paddings(layout)
        multiple = self.card.size_multiple // self.card.scale
        return TileGrid(rows.padded_lr_size, columns.padded_lr_size, halo, multiple)

    @property
    def side(self) -> int:
        """Side of a tile's core in LR pixels."""
        return max(self.tile // self.card.scale, 1)

    def tripled(self, layout: Layout) -> bool:
        """Whether single-channel planes go through an RGB model.

        They get an RGB LR: its slight colours hold what restores it (their mean instead
        costs 3 to 8 dB on Set5).

        Raises
        ------
        UsageError
            The model is for single-channel images and the image has colours.
        """
        if self.card.channels < layout.colours:
            raise UsageError(
                f"{self.card.id} is for single-channel images and this one has colours; use an "
                "RGB model, or name the last axis C so that each channel is an image of its own"
            )
        return self.card.channels > layout.colours
