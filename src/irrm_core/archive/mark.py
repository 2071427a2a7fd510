"""The mark of a restoration: that it is one, by which model, and how good it was measured."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isfinite
from typing import TYPE_CHECKING, Any

from irrm_core.archive.envelope import Envelope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from irrm_core.engine import RestoreRecord
    from irrm_core.imagefile import SourceMetadata

RESTORED = "restored"
_FIELDS = ("Comment", "Software")


@dataclass(frozen=True)
class ReconstructionMark:
    """Says of an image that it is no original.

    Attributes
    ----------
    model, weights_hash : str
        The model that reconstructed it.
    psnr : float or None
        In dB against the original, measured when that was downscaled; None if it was not.
    assumed : bool
        The LR carried no record: the model is what a person assumed.
    source_hash : str or None
        SHA-256 of the original file, hexadecimal.
    """

    model: str
    weights_hash: str
    psnr: float | None = None
    assumed: bool = False
    source_hash: str | None = None

    @classmethod
    def of(cls, record: RestoreRecord, *, assumed: bool) -> ReconstructionMark:
        """Return the mark of what a record restores to."""
        return cls(
            record.model,
            record.weights_hash,
            record.quality.get("psnr"),
            assumed,
            record.source_hash,
        )

    def sentence(self) -> str:
        """Return the mark for people."""
        how_good = (
            "quality not measured"
            if self.psnr is None
            else f"{self.psnr:.2f} dB PSNR against the original, measured when it was downscaled"
        )
        what = "Enlarged, not an original" if self.assumed else "Reconstructed, not the original"
        return f"{what}: {self.model} (weights {self.weights_hash[:12]}), {how_good}."

    def envelope(self) -> Envelope:
        """Return what is embedded in the restored file."""
        fields = {
            "model": self.model,
            "weights": self.weights_hash,
            "psnr": self.psnr,
            "assumed": self.assumed,
            "source": self.source_hash,
        }
        return Envelope(RESTORED, {key: value for key, value in fields.items() if value})

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> ReconstructionMark:
        """Read what `envelope` holds; fields of the wrong kind are left out."""
        psnr, source = fields.get("psnr"), fields.get("source")
        return cls(
            str(fields.get("model", "an unknown model")),
            str(fields.get("weights", "")),
            psnr if isinstance(psnr, float) and isfinite(psnr) else None,
            fields.get("assumed") is True,
            source if isinstance(source, str) else None,
        )


def marked(metadata: SourceMetadata, mark: ReconstructionMark) -> SourceMetadata:
    """Return metadata that say it too, where image viewers show them.

    Each format shows one of the two fields; what they said before is kept behind.
    """
    sentence = mark.sentence()
    said = {
        field: f"{sentence} {before}" if (before := metadata.text.get(field)) else sentence
        for field in _FIELDS
    }
    return replace(metadata, text={**metadata.text, **said})
