"""What a user chose for a job."""

from __future__ import annotations

from dataclasses import dataclass

from napari_irrm.settings import preferences


@dataclass(frozen=True)
class Settings:
    """How to rescale a layer.

    Attributes
    ----------
    model : str or None
        Name, id or weights hash; None for the default model of the layer's colours.
    scale : int or None
        For the default model; None for its usual scale.
    device : str
        ``"auto"``, ``"cpu"``, ``"cuda"``, ``"cuda:N"`` or ``"mps"``.
    precision : str
        ``"auto"`` or ``"fp32"``.
    tile : int or None
        Side of tiles in HR pixels; None for the engine's own.
    seed : int
        Of a gaussian latent; without meaning for other models.
    """

    model: str | None = None
    scale: int | None = None
    device: str = "auto"
    precision: str = "auto"
    tile: int | None = None
    seed: int = 0


def preferred_settings(model: str | None = None) -> Settings:
    """Return settings with the device, precision and tile of napari's Preferences."""
    preferred = preferences()
    return Settings(
        model=model,
        device=preferred.device,
        precision=preferred.precision,
        tile=preferred.tile,
    )
