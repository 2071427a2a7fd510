"""Where the pixels of a layer came from, kept in the layer's metadata."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from irrm_core.engine import RestoreRecord, SideData
from irrm_core.errors import NotRestorableError

if TYPE_CHECKING:
    from napari.layers import Layer

Kind = Literal["lr", "restored", "difference"]

KEY = "irrm"
"""Of the layer's metadata."""


@dataclass(frozen=True)
class Display:
    """How an original was shown, so that its restoration looks the same.

    Attributes
    ----------
    contrast_limits : tuple of float or None
        In intensities of the original; None where unknown.
    """

    contrast_limits: tuple[float, float] | None = None


@dataclass(frozen=True)
class Provenance:
    """What a layer that this plugin made or opened holds.

    Attributes
    ----------
    kind : str
        ``"lr"``, ``"restored"`` or ``"difference"``.
    record : RestoreRecord
        Of the LR; of the one that was restored and compared for the others.
    side_data : mapping of str to ndarray
        Of the LR; empty for the others.
    source : str
        Name of the layer, or of the file, that was the original.
    display : Display
        How the original was shown.
    """

    kind: Kind
    record: RestoreRecord
    side_data: SideData = field(default_factory=dict)
    source: str = ""
    display: Display = field(default_factory=Display)

    def to_metadata(self) -> dict[str, Any]:
        """Return what goes under ``metadata["irrm"]``: JSON, but for the arrays of side data."""
        packed: dict[str, Any] = {
            "kind": self.kind,
            "record": self.record.to_dict(),
            "source": self.source,
        }
        if self.side_data:
            packed["side_data"] = dict(self.side_data)
        if self.display.contrast_limits is not None:
            packed["display"] = {"contrast_limits": list(self.display.contrast_limits)}
        return packed

    @classmethod
    def from_metadata(cls, packed: object) -> Provenance:
        """Read what `to_metadata` returned; nothing in it is trusted.

        Raises
        ------
        NotRestorableError
            A value is missing or of the wrong kind.
        """
        if not isinstance(packed, Mapping):
            raise _damaged("it is no mapping")
        kind: Any = packed.get("kind")
        source = packed.get("source", "")
        if kind not in get_args(Kind):
            raise _damaged(f"its kind is {kind!r}")
        if not isinstance(source, str):
            raise _damaged("the name of its source is no text")
        side_data = packed.get("side_data", {})
        if not isinstance(side_data, Mapping) or not all(
            isinstance(name, str) and isinstance(part, np.ndarray)
            for name, part in side_data.items()
        ):
            raise _damaged("its side data are no arrays")
        record = RestoreRecord.from_dict(packed.get("record"))
        return cls(kind, record, dict(side_data), source, _display(packed.get("display", {})))


def provenance_of(layer: Layer) -> Provenance | None:
    """Return the provenance in a layer's metadata; None for a layer without.

    Raises
    ------
    NotRestorableError
        There is one, but damaged.
    """
    packed = layer.metadata.get(KEY)
    return None if packed is None else Provenance.from_metadata(packed)


def readable_provenance(layer: Layer) -> Provenance | None:
    """Return the provenance of a layer; None also if it is damaged, where that hinders nothing."""
    try:
        return provenance_of(layer)
    except NotRestorableError:
        return None


def _display(packed: object) -> Display:
    if not isinstance(packed, Mapping):
        raise _damaged("its display is no mapping")
    limits = packed.get("contrast_limits")
    return Display(None if limits is None else _limits(limits))


def _limits(packed: object) -> tuple[float, float]:
    match packed:
        case [int() | float() as low, int() | float() as high] if isfinite(low) and isfinite(high):
            return low, high
    raise _damaged(f"the contrast limits {packed!r} are no two numbers")


def _damaged(why: str) -> NotRestorableError:
    return NotRestorableError(
        f'the record in the layer\'s metadata["{KEY}"] is damaged: {why}; open the LR file again, '
        "or downscale the original again"
    )
