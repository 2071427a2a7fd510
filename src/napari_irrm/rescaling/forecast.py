"""The estimate for what is chosen, found out in a thread when no job runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from irrm_core.progress import Cancel
from napari_irrm.jobs import ModelPool, Session, Settings, State, Ticket
from napari_irrm.jobs.models import draft_record
from napari_irrm.rescaling.asides import Aside
from napari_irrm.rescaling.estimate import Estimate, estimate_downscaling, estimate_restoring
from napari_irrm.rescaling.offer import Direction

if TYPE_CHECKING:
    from napari.layers import Layer

    from irrm_core.engine import RestoreRecord
    from irrm_core.zoo import ModelCard
    from napari_irrm.layers import LayerImage

_Key = tuple[str, str, str, str, int | None]


@dataclass(frozen=True)
class Question:
    """What is to be estimated.

    Attributes
    ----------
    image : LayerImage
        To be rescaled.
    plane : int
        Number of the plane that is measured.
    direction : str
        Of the job.
    card : ModelCard
        Of the model.
    record : RestoreRecord or None
        Of an LR that has one.
    settings : Settings
        Device, precision and tile of the job.
    """

    image: LayerImage
    plane: int
    direction: Direction
    card: ModelCard
    record: RestoreRecord | None
    settings: Settings

    @property
    def key(self) -> _Key:
        """What an estimate of one layer depends on; planes of a layer are alike enough."""
        settings = self.settings
        return (
            self.direction,
            self.card.weights_hash,
            settings.device,
            settings.precision,
            settings.tile,
        )

    def answer(self, pool: ModelPool, cancel: Cancel) -> Estimate:
        """Measure, in a thread."""
        settings = self.settings
        rescaler = pool.rescaler(
            self.card.weights_hash,
            device=settings.device,
            precision=settings.precision,
            tile=settings.tile,
        )
        if self.direction == "restore":
            return estimate_restoring(
                rescaler,
                self.image,
                self.card.scale,
                self.record,
                plane=self.plane,
                cancel=cancel,
            )
        return estimate_downscaling(
            rescaler,
            self.image,
            draft_record(self.image, self.card),
            plane=self.plane,
            back=self.direction == "roundtrip",
            cancel=cancel,
        )


class Forecast:
    """Keeps an estimate of what is chosen; each is made once for a layer.

    Parameters
    ----------
    session : Session
        Its jobs go before estimates.
    told : callable
        Called when `text` has changed.
    """

    def __init__(self, session: Session, told: Callable[[], None]) -> None:
        self._session, self._told = session, told
        self._made: WeakKeyDictionary[Layer, dict[_Key, Estimate]] = WeakKeyDictionary()
        self._asked: tuple[Layer, Question] | None = None
        self._ticket: Ticket | None = None
        self.estimate: Estimate | None = None
        self.text = ""
        session.queue.changed.connect(self._go_on)
        session.asides.ended.connect(self._ended)

    def ask(self, layer: Layer | None, question: Question | None) -> None:
        """Have what is chosen now estimated; nothing if there is no question."""
        if layer is None or question is None:
            self._stop()
            self._asked, self.estimate, self.text = None, None, ""
            return
        if self._asked is not None and self._is_asked(layer, question.key):
            return
        self._stop()
        self._asked = layer, question
        self._go_on()

    def forget(self, layer: Layer) -> None:
        """Forget what was estimated for a layer: its pixels have changed."""
        self._made.pop(layer, None)
        if self._asked is not None and self._asked[0] is layer:
            self._stop()
            self._asked = None

    def rest(self) -> None:
        """Measure nothing until something else is chosen: the models are to leave the memory."""
        if self.estimate is None:
            self._stop()
            self._asked = None
            self._say("")

    def _go_on(self) -> None:
        """Begin to measure, or wait while jobs run."""
        if self._asked is None:
            return
        layer, question = self._asked
        self.estimate = self._made.get(layer, {}).get(question.key)
        if self.estimate is not None:
            self._say(self.estimate.text)
        elif self._session.queue.tickets:
            self._stop()
            self._say("The estimate follows when no job runs.")
        elif self._ticket is None:
            self._say("Estimating…")
            tell = partial(self._answered, layer, question.key)
            aside = Aside(f"Estimate for {question.image.name}", question.answer, tell)
            self._ticket = self._session.asides.submit(aside)
            if self._ticket.ended:  # without threads it is over by now
                self._ended(self._ticket)

    def _answered(self, layer: Layer, key: _Key, estimate: Estimate) -> None:
        self._made.setdefault(layer, {})[key] = estimate
        if self._is_asked(layer, key):
            self.estimate = estimate
            self._say(estimate.text)

    def _ended(self, ticket: Ticket) -> None:
        if ticket is not self._ticket:
            return
        self._ticket = None
        if ticket.state is State.FAILED:
            self._say(f"No estimate: {ticket.error.partition(': ')[2] or ticket.error}")

    def _stop(self) -> None:
        ticket, self._ticket = self._ticket, None
        if ticket is not None:
            ticket.cancel()

    def _is_asked(self, layer: Layer, key: _Key) -> bool:
        return self._asked is not None and self._asked[0] is layer and self._asked[1].key == key

    def _say(self, text: str) -> None:
        if text != self.text:
            self.text = text
            self._told()
