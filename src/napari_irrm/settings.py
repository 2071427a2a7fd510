"""What people prefer, as napari's Preferences keep it from version 0.9 on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Preferences:
    """What a new job starts with.

    Attributes
    ----------
    model : str or None
        Name of a model; None for the one that fits the layer best.
    device : str
        As `irrm_core.engine.Rescaler` takes it.
    precision : str
        ``"auto"`` or ``"fp32"``.
    tile : int or None
        Side of a tile in HR pixels; None for the default.
    """

    model: str | None = None
    device: str = "auto"
    precision: str = "auto"
    tile: int | None = None


def preferences() -> Preferences:
    """Return what napari's Preferences say; the defaults on a napari that keeps none."""
    return Preferences()
