"""Which class a file gets, from sizes alone; no input or output here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from irrm_core.archive.catalogue.states import StorageClass

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Candidate:
    """A class that a file could have.

    Attributes
    ----------
    storage : StorageClass
        ``lr`` or ``exact``.
    size : int or None
        Bytes of its archive file; None where none could be made.
    lost : str
        Why it is not taken; empty as long as it may be.
    form : str
        Of an exact file.
    measured : mapping
        What the gate found, where it judged.
    """

    storage: StorageClass
    size: int | None = None
    lost: str = ""
    form: str = ""
    measured: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return what a record keeps of a candidate that lost."""
        told: dict[str, Any] = {} if self.size is None else {"size": self.size}
        kept = ("psnr", "ssim", "max_error", "bias")
        told.update({name: self.measured[name] for name in kept if name in self.measured})
        if self.form:
            told["form"] = self.form
        return {**told, "lost": self.lost} if self.lost else told


def too_little(size: int, original: int, minimum_saving: float) -> str:
    """Return why an archive file does not pay; empty if it does."""
    saving = 1 - size / original
    if size < original and saving >= minimum_saving:
        return ""
    if size >= original:
        return f"would take {size} bytes where the original takes {original}"
    return (
        f"would save {saving:.1%} ({size} of {original} bytes), less than the"
        f" {minimum_saving:.0%} that the rule asks for"
    )


def not_smaller(size: int, other: int, storage: StorageClass) -> str:
    """Return why a candidate loses against another, which is no larger."""
    return f"takes {size} bytes, not less than the {other} of class {storage}"


def sentence(candidates: list[Candidate]) -> str:
    """Return why no class is used, for people."""
    return "; ".join(f"{c.storage}: {c.lost}" for c in candidates if c.lost)
