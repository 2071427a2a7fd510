"""What the Rescale widget calls its choices."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_irrm.rescaling import RescaleController

DIRECTIONS = (
    ("downscale", "Downscale"),
    ("restore", "Restore"),
    ("roundtrip", "Round trip and compare"),
)
VERBS = {"downscale": "Downscale", "restore": "Restore", "roundtrip": "Downscale and restore"}
PRECISIONS = (("auto", "Automatic"), ("fp32", "32 bits"))
_DEVICES = (
    ("auto", "Automatic"),
    ("cpu", "CPU"),
    ("cuda", "CUDA (NVIDIA)"),
    ("mps", "MPS (Apple)"),
)


def devices(wish: str) -> list[tuple[str, str]]:
    """Return the devices to offer; a wish such as ``"cuda:1"`` is one of them."""
    known = [device for device, _ in _DEVICES]
    return [*_DEVICES, *([] if wish in known else [(wish, wish.upper())])]


def models(controller: RescaleController) -> list[tuple[str | None, str]]:
    """Return the models to offer; none is chosen at first where one can only be assumed."""
    fitting: list[tuple[str | None, str]] = [(c.model, c.label) for c in controller.choices]
    return [(None, "Choose…"), *fitting] if controller.needs_assumption else fitting


def unfitting(controller: RescaleController) -> str:
    """Say which models do not fit, and why."""
    return "\n".join(f"{choice.label}: {reason}" for choice, reason in controller.unfitting)
