"""The models in memory: few, and given back on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from irrm_core.engine import Rescaler


class ModelPool:
    """Loads rescalers when they are needed and keeps the last two."""

    def rescaler(
        self,
        model: str,
        *,
        device: str = "auto",
        precision: str = "auto",
        tile: int | None = None,
    ) -> Rescaler:
        """Return the rescaler of a model by name, id or weights hash; in a thread, it may load.

        Raises
        ------
        ModelNotFoundError
            There is no such model.
        UsageError
            The device is unknown or not there.
        """
        raise NotImplementedError

    def release(self) -> None:
        """Let all models go, and the memory that a GPU keeps for them."""
        raise NotImplementedError
