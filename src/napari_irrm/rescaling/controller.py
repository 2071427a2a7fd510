"""The state of the Rescale widget, without the widget."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from psygnal import Signal

from irrm_core.errors import IrrmError, NotRestorableError, UsageError
from irrm_core.progress import Cancel
from irrm_core.zoo import find_card
from napari_irrm.jobs import (
    DownscaleWork,
    ModelPool,
    RestoreWork,
    RoundtripWork,
    Session,
    Settings,
    Ticket,
    Work,
    preferred_settings,
    session_of,
)
from napari_irrm.jobs.session import unwrapped
from napari_irrm.layers import Provenance, plane_on_screen, provenance_of, refusal
from napari_irrm.layers.provenance import KEY
from napari_irrm.rescaling.asides import Aside
from napari_irrm.rescaling.choices import Choice
from napari_irrm.rescaling.device import Device, look_at_device
from napari_irrm.rescaling.forecast import Forecast, Question
from napari_irrm.rescaling.offer import Direction, Offer, offer_of
from napari_irrm.settings import preferences

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Layer

_CHANNELS = (
    "Colours of more than 8 bits are mostly channels of a microscope: split them (right-click the "
    "layer, Split RGB), and models for single-channel images usually restore them better."
)
_UNKNOWN = Device("Looking for devices…")
_SEARCHING = Offer(hindrance="Looking for the restore record in the layer's file…")


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

    def __init__(self, viewer: ViewerModel, session: Session | None = None) -> None:
        self._viewer = unwrapped(viewer)
        self._session = session_of(viewer) if session is None else session
        self._layer: Layer | None = None
        self._direction: Direction = "downscale"
        self._model = preferences().model
        self._scale: int | None = None
        self._assumed: str | None = None
        self._settings = preferred_settings()
        self._offer = Offer()
        self._recovered: WeakKeyDictionary[Layer, Provenance | None] = WeakKeyDictionary()
        self._devices: dict[str, Device] = {}
        self._forecast = Forecast(self._session, self.changed.emit)
        self._viewer.layers.events.removed.connect(self._layer_removed)
        self._look_again()

    @property
    def layers(self) -> list[Layer]:
        """The layers of the viewer that can be rescaled."""
        return [layer for layer in self._viewer.layers if refusal(layer) is None]

    @property
    def layer(self) -> Layer | None:
        """The layer that is rescaled; an LR, once chosen, is to be restored, others are not."""
        return self._layer

    @layer.setter
    def layer(self, layer: Layer | None) -> None:
        layer = unwrapped(layer)
        if layer is self._layer:
            return
        if self._layer is not None:
            self._layer.events.data.disconnect(self._layer_changed)
            self._layer.events.metadata.disconnect(self._provenance_changed)
        self._layer = layer
        if layer is not None:
            layer.events.data.connect(self._layer_changed)
            layer.events.metadata.connect(self._provenance_changed)
            self._direction = _direction_for(layer, self._direction)
        self._look_again()

    @property
    def direction(self) -> Direction:
        """Downscale, restore, or both and compare."""
        return self._direction

    @direction.setter
    def direction(self, direction: Direction) -> None:
        self._direction = direction
        self._look_again()

    @property
    def choices(self) -> list[Choice]:
        """The models that fit layer and scale; for an LR with a record the one it names."""
        choices = self._offer.choices
        if self._direction == "restore":
            return list(choices)
        return [choice for choice in choices if choice.scale == self.scale]

    @property
    def unfitting(self) -> list[tuple[Choice, str]]:
        """The models that do not fit, each with the reason."""
        return list(self._offer.unfitting)

    @property
    def scales(self) -> list[int]:
        """The scales that fit the layer."""
        return sorted({choice.scale for choice in self._offer.choices})

    @property
    def model(self) -> str | None:
        """Id of the model in use; None where none fits, or one must be assumed first."""
        chosen = self._chosen
        return None if chosen is None else chosen.model

    @model.setter
    def model(self, model: str | None) -> None:
        if self._offer.assumed:
            self._assumed = model
        else:
            self._model, self._scale = model, None
        self._choice_changed()

    @property
    def scale(self) -> int | None:
        """Scale of that model."""
        chosen = self._chosen
        return None if chosen is None else chosen.scale

    @scale.setter
    def scale(self, scale: int | None) -> None:
        self._scale = scale
        self._choice_changed()

    @property
    def device(self) -> str:
        """Where to compute; a wish, `device_text` says what it gives."""
        return self._settings.device

    @device.setter
    def device(self, device: str) -> None:
        self._set(device=device)

    @property
    def precision(self) -> str:
        """``"auto"`` or ``"fp32"``."""
        return self._settings.precision

    @precision.setter
    def precision(self, precision: str) -> None:
        self._set(precision=precision)

    @property
    def tile(self) -> int | None:
        """Side of tiles in HR pixels; None for the engine's own."""
        return self._settings.tile

    @tile.setter
    def tile(self, tile: int | None) -> None:
        self._set(tile=tile)

    @property
    def seed(self) -> int:
        """Of a gaussian latent."""
        return self._settings.seed

    @seed.setter
    def seed(self, seed: int) -> None:
        self._set(seed=seed)

    @property
    def needs_seed(self) -> bool:
        """Whether a seed matters: the model has a random latent, and no record says which."""
        chosen = self._chosen
        return chosen is not None and chosen.gaussian and self._offer.provenance is None

    @property
    def needs_assumption(self) -> bool:
        """Whether the layer is to be restored and has no record: a model is to be assumed."""
        return self._offer.assumed

    @property
    def hindrance(self) -> str:
        """Why nothing can be started, or empty."""
        if self._offer.hindrance:
            return self._offer.hindrance
        if self._offer.assumed and self.model is None:
            return "Choose the model to assume."
        device = self._devices.get(self.device, _UNKNOWN)
        return "" if device.usable else device.text

    @property
    def advice(self) -> str:
        """What people should know of this choice, such as that a model is only assumed."""
        image, chosen = self._offer.image, self._chosen
        if image is None or chosen is None or self._direction == "restore":
            return self._offer.advice
        if chosen.channels > image.colours:
            return "This model is for RGB: the LR of a single-channel layer gets slight colours."
        if image.colours == 3 and image.dtype.itemsize > 1:
            return _CHANNELS
        return self._offer.advice

    @property
    def device_text(self) -> str:
        """The device and the reason, as soon as it is known."""
        return self._devices.get(self.device, _UNKNOWN).text

    @property
    def estimate_text(self) -> str:
        """Size, quality and seconds for this layer; why there is none yet; or empty."""
        return self._forecast.text

    @property
    def settings(self) -> Settings:
        """What is chosen, as works take it."""
        model = None if self._offer.provenance is not None else self.model
        return replace(self._settings, model=model)

    def run(self) -> Ticket:
        """Queue the work that is chosen.

        Raises
        ------
        UsageError
            `hindrance` says why nothing can be started.
        """
        if self.hindrance or self._layer is None:
            raise UsageError(self.hindrance)
        works: dict[Direction, type[DownscaleWork | RestoreWork | RoundtripWork]] = {
            "downscale": DownscaleWork,
            "restore": RestoreWork,
            "roundtrip": RoundtripWork,
        }
        work: Work = works[self._direction](self._viewer, self._layer, self.settings)
        return self._session.queue.submit(work)

    def release_models(self) -> None:
        """Give the memory of the models back; an estimate would load one again."""
        self._forecast.rest()
        self._session.queue.release_models()

    @property
    def _chosen(self) -> Choice | None:
        """The model in use: what was wished for if it fits, else the best that does."""
        choices = self._offer.choices
        if self._offer.assumed:
            return next((choice for choice in choices if choice.model == self._assumed), None)
        if self._direction != "restore":
            of_scale = [choice for choice in choices if self._scale in (None, choice.scale)]
            choices = tuple(of_scale) or choices
        wished = (choice for choice in choices if choice.goes_by(self._model))
        return next(wished, choices[0] if choices else None)

    def _set(self, **changes: Any) -> None:
        self._settings = replace(self._settings, **changes)
        self._choice_changed()

    def _look_again(self) -> None:
        """Find out what is possible with layer and direction."""
        layer = self._layer
        if self._must_search():
            self._offer = _SEARCHING
        else:
            recovered = None if layer is None else self._recovered.get(layer)
            self._offer = offer_of(layer, self._direction, recovered)
        self._choice_changed()

    def _choice_changed(self) -> None:
        self._look_at_device()
        self._forecast.ask(self._layer, self._question())
        self.changed.emit()

    def _question(self) -> Question | None:
        image, chosen = self._offer.image, self._chosen
        if self._layer is None or image is None or chosen is None or self.hindrance:
            return None
        try:
            card = find_card(chosen.model)
        except IrrmError:
            return None
        known = self._offer.provenance
        return Question(
            image,
            plane_on_screen(self._layer, image),
            self._direction,
            card,
            None if known is None else known.record,
            self._settings,
        )

    def _must_search(self) -> bool:
        """Begin to look for the record of the layer's file, if that was not done."""
        layer = self._layer
        if layer is None or self._direction != "restore" or layer in self._recovered:
            return False
        if KEY in layer.metadata or layer.source.path is None or refusal(layer) is not None:
            return False

        def find(pool: ModelPool, cancel: Cancel) -> Provenance | None:
            from napari_irrm.files import recover

            return recover(layer)

        def tell(found: Provenance | None) -> None:
            self._recovered[layer] = found
            if self._layer is layer:
                self._look_again()

        # However the search ends, people are told what they can do without a record.
        aside = Aside(f"Record of {layer.name}", find, tell, partial(tell, None))
        self._session.asides.submit(aside)
        return layer not in self._recovered

    def _look_at_device(self) -> None:
        wish = self.device
        if wish in self._devices:
            return

        def tell(device: Device) -> None:
            self._devices[wish] = device
            self._choice_changed()

        self._devices[wish] = _UNKNOWN
        aside = Aside(f"Device {wish}", lambda pool, cancel: look_at_device(wish), tell)
        self._session.asides.submit(aside)

    def _layer_changed(self) -> None:
        if self._layer is not None:
            self._recovered.pop(self._layer, None)
            self._forecast.forget(self._layer)
        self._look_again()

    def _provenance_changed(self) -> None:
        """Offer to restore an LR that was chosen while it was being made."""
        if self._layer is not None:
            self._direction = _direction_for(self._layer, self._direction)
        self._layer_changed()

    def _layer_removed(self, event: Any) -> None:
        if event.value is self._layer:
            self.layer = None


def _direction_for(layer: Layer, direction: Direction) -> Direction:
    """Return what a layer is most likely chosen for."""
    try:
        provenance = provenance_of(layer)
    except NotRestorableError:
        return direction
    if provenance is not None and provenance.kind == "lr":
        return "restore"
    return "downscale" if direction == "restore" else direction
