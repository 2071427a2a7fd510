"""Which models are tried on a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from irrm_core.archive.choice import RescalerPool, default_models
from irrm_core.errors import ModelNotFoundError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from irrm_core.engine import Rescaler

SCALES = (2, 4)
ALL = "all"
"""In place of a model's name: every model on this machine."""


class ModelField:
    """The models of an assessment.

    Parameters
    ----------
    names : sequence of str, optional
        As `find_card` takes them, or `ALL`; by default the default models of every scale that
        have as many channels as the picture has colours.
    scales : sequence of int, optional
        Leave out models of other scales.
    **options
        As `Rescaler` takes them.

    Raises
    ------
    ModelNotFoundError
        A model named is not there, or no model is.
    UsageError
        None of them has such a scale.
    """

    def __init__(
        self, names: Sequence[str] = (), scales: Sequence[int] = (), **options: Any
    ) -> None:
        from irrm_core.zoo import find_card, list_models

        self._pool = RescalerPool(**options)
        self._scales = tuple(scales)
        self._cards = None
        if names:
            named = [name for name in names if name != ALL]
            cards = list_models() if ALL in names else []
            cards = [*(find_card(name) for name in named), *cards]
            unique = {card.weights_hash: card for card in cards}
            self._cards = [c for c in unique.values() if not scales or c.scale in scales]
            if not self._cards:
                raise UsageError("no model named has such a scale; leave out --scale or --model")
        elif not set(scales) <= set(SCALES):
            raise UsageError("there are default models of x2 and x4 only; name others by --model")
        self._pool.prepare()

    def for_colours(self, colours: int) -> list[Rescaler]:
        """Return the rescalers for pictures of 1 or 3 colours, by scale.

        Without a single-channel model gray pictures are tried on RGB models.

        Raises
        ------
        UsageError
            None of the models named fits.
        ModelNotFoundError
            No default model is on this machine.
        """
        from irrm_core.zoo import ModelCard, find_card

        cards: list[ModelCard] = list(self._cards or ())
        if self._cards is None:
            for scale in self._scales or SCALES:
                for name in default_models(colours, scale):
                    try:
                        cards.append(find_card(name))
                    except ModelNotFoundError:
                        continue
        own = [card for card in cards if card.channels == colours]
        fitting = own or [card for card in cards if colours == 1]
        if not fitting:
            kind = "gray" if colours == 1 else "colour"
            if self._cards is not None:
                raise UsageError(f"no model for {kind} pictures is among those named; name another")
            raise ModelNotFoundError(
                f"no default model for {kind} pictures is here; `irrm models list` shows others"
            )
        fitting.sort(key=lambda card: (card.scale, card.name))
        return [self._pool.for_weights(card.weights_hash) for card in fitting]
