"""Where the pixels of a layer came from, kept in the layer's metadata."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from irrm_core.engine import RestoreRecord, SideData
from napari.layers import Layer

Kind = Literal["lr", "restored", "difference"]

KEY = "irrm"
"""Of the layer's metadata."""


@dataclass(frozen=True)
class Display:
    """How an original was shown, so that its restoration looks the same."""

    contrast_limits: tuple[float, float] | None = None
    contrast_limits_range: tuple[float, float] | None = None


@dataclass(frozen=True)
class Provenance:
    """What a layer that this plugin made holds."""

    kind: Kind
    record: RestoreRecord
    side_data: SideData = field(default_factory=dict)
    source: str = ""
    """Name of the layer, or of the file, that was the original."""
    display: Display = field(default_factory=Display)

    def to_metadata(self) -> dict[str, Any]:
        """Return what goes under ``metadata["irrm"]``: JSON but for the arrays of side data."""
        raise NotImplementedError

    @classmethod
    def from_metadata(cls, packed: object) -> Provenance:
        """Read what `to_metadata` returned; NotRestorableError if it is damaged."""
        raise NotImplementedError

    def attached(self, metadata: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return a layer's metadata with this provenance in it."""
        raise NotImplementedError


def provenance_of(layer: Layer) -> Provenance | None:
    """Return the provenance in a layer's metadata, if any; NotRestorableError if damaged."""
    raise NotImplementedError
