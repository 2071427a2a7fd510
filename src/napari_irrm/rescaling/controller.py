"""The state of the Rescale widget, without the widget."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from psygnal import Signal

from napari_irrm.jobs import Session, Settings, Ticket
from napari_irrm.rescaling.choices import Choice

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Layer

Direction = Literal["downscale", "restore", "roundtrip"]


class RescaleController:
    """What is chosen, what is possible and why not, and the start of works.

    Used in the viewer's thread. Everything that is read may have changed after `changed`.

    Parameters
    ----------
    viewer : ViewerModel
        Whose layers are rescaled.
    session : Session, optional
        By default that of the viewer.
    """

    changed = Signal()

    layer: Layer | None
    direction: Direction
    model: str | None
    scale: int | None
    device: str
    precision: str
    tile: int | None
    seed: int

    def __init__(self, viewer: ViewerModel, session: Session | None = None) -> None:
        raise NotImplementedError

    @property
    def layers(self) -> list[Layer]:
        """The layers of the viewer that may be chosen."""
        raise NotImplementedError

    @property
    def choices(self) -> list[Choice]:
        """The models that fit layer and scale; for an LR with a record the one it names."""
        raise NotImplementedError

    @property
    def scales(self) -> list[int]:
        """The scales that fit the layer."""
        raise NotImplementedError

    @property
    def unfitting(self) -> list[tuple[Choice, str]]:
        """The models that do not fit, each with the reason."""
        raise NotImplementedError

    @property
    def needs_seed(self) -> bool:
        """Whether the chosen model has a random latent."""
        raise NotImplementedError

    @property
    def needs_assumption(self) -> bool:
        """Whether the layer is to be restored and has no record: a model is to be assumed."""
        raise NotImplementedError

    @property
    def hindrance(self) -> str:
        """Why nothing can be started, or empty."""
        raise NotImplementedError

    @property
    def advice(self) -> str:
        """What people should know of this choice, such as that a model is only assumed."""
        raise NotImplementedError

    @property
    def device_text(self) -> str:
        """The device and the reason; ``"…"`` until it is known."""
        raise NotImplementedError

    @property
    def estimate_text(self) -> str:
        """Size, quality and seconds for this layer; why there is none yet; or empty."""
        raise NotImplementedError

    @property
    def settings(self) -> Settings:
        """What is chosen, as works take it."""
        raise NotImplementedError

    def run(self) -> Ticket:
        """Queue the work that is chosen."""
        raise NotImplementedError

    def release_models(self) -> None:
        """Give the memory of the models back."""
        raise NotImplementedError
