"""Which model an image gets when none is named, and one rescaler for each model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from irrm_core.errors import ModelNotFoundError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from irrm_core.engine import Rescaler

DEFAULT_SCALE = {1: 2, 3: 4}
"""By colours: measurements from gray images suffer more than photographs from a large scale."""


def default_models(colours: int, scale: int | None = None) -> tuple[str, ...]:
    """Return the models that fit an image, the best first.

    Single-channel models come before RGB models fed gray in triplicate.

    Parameters
    ----------
    colours : int
        1 or 3, alpha not counted.
    scale : int, optional
        By default that of `DEFAULT_SCALE`.
    """
    scale = DEFAULT_SCALE[colours] if scale is None else scale
    rgb = f"irrm-fast-x{scale}"
    return (rgb,) if colours == 3 else (f"irrm-fast-gray-x{scale}", rgb)


class RescalerPool:
    """Makes one rescaler for each model, when it is first needed.

    Parameters
    ----------
    model : str or Path, optional
        The model for every image; else `default_models` decide by its colours.
    scale : int, optional
        For the default models; must agree with `model` when both are named.
    **options
        As `Rescaler` takes them: device, precision, tile, threads.
    """

    def __init__(
        self, model: str | Path | None = None, *, scale: int | None = None, **options: Any
    ) -> None:
        self._model = model
        self._scale = scale
        self._options = options
        self._made: dict[str, Rescaler] = {}

    def prepare(self) -> None:
        """Fail now rather than on every file: look for the device and the model named.

        Raises
        ------
        UsageError
            The device is unknown or not there, or model and scale contradict each other.
        ModelNotFoundError, ModelFileError
            The model named is not there, or damaged.
        """
        from irrm_core.device import choose_device

        choose_device(self._options.get("device", "auto"))
        if self._model is not None:
            self.for_colours(3)

    def for_colours(self, colours: int) -> Rescaler:
        """Return the rescaler for images of 1 or 3 colours.

        Raises
        ------
        ModelNotFoundError
            The model named, or every default model, is not there.
        UsageError
            Model and scale contradict each other.
        """
        from irrm_core.zoo import find_card

        if self._model is not None:
            card = find_card(self._model)
            if self._scale not in (None, card.scale):
                raise UsageError(
                    f"{card.id} is a model of x{card.scale}, not x{self._scale}; leave out the "
                    "scale, or name another model"
                )
            return self._get(self._model)
        candidates = default_models(colours, self._scale)
        for candidate in candidates[:-1]:
            try:
                return self._get(candidate)
            except ModelNotFoundError:
                continue
        return self._get(candidates[-1])

    def for_model(self, reference: str | Path) -> Rescaler:
        """Return the rescaler of a model; raises `ModelNotFoundError`."""
        return self._get(reference)

    def for_weights(self, weights_hash: str) -> Rescaler:
        """Return the rescaler of the model with these weights; raises `ModelNotFoundError`."""
        return self._get(weights_hash)

    def _get(self, reference: str | Path) -> Rescaler:
        from irrm_core.engine import Rescaler

        key = str(reference)
        if key not in self._made:
            self._made[key] = Rescaler(reference, **self._options)
        return self._made[key]
