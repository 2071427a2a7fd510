"""What people prefer, as napari's Preferences keep it from version 0.9 on.

The manifest says what there is to set; napari shows it, checks it and stores it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

PLUGIN = "napari-irrm"


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
    stated = _stated()
    if stated is None:
        return Preferences()
    return Preferences(
        model=stated.model.strip() or None,
        device=stated.device.strip() or "auto",
        precision=stated.precision,
        tile=stated.tile or None,
    )


def _stated() -> Any:
    """Return the manifest's ``configurations.rescaling`` as napari keeps it, or None."""
    try:
        from napari.settings import get_plugin_settings
    except ImportError:  # before 0.9
        return None
    try:
        return get_plugin_settings(PLUGIN).rescaling
    except (KeyError, AttributeError):  # the plugin is disabled, or its manifest was not read
        return None
