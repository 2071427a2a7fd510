"""What a person wants of the files of a folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from irrm_core.archive.catalogue.states import StorageClass
from irrm_core.archive.gate.floors import Delivery, Floors
from irrm_core.errors import UsageError

if TYPE_CHECKING:
    from irrm_core.archive.choice import RescalerPool

DEFAULT_SCALE = 2
"""Without a rule that says otherwise: larger scales rarely reach the default floors."""


@dataclass(frozen=True)
class Rule:
    """How files are stored.

    Attributes
    ----------
    model : str or None
        Name, id, hash or path; None lets the colours of each image decide.
    scale : int or None
        For the default models; must agree with `model` when both are named. None: that of
        `model`, or `DEFAULT_SCALE`.
    floors : Floors
        That a restoration must reach.
    classes : frozenset of StorageClass
        That may be used. ``kept`` is always possible.
    exact : str
        ``"bytes"``: the restored file has the hash of the original. ``"pixels"``: its pixels
        are equal, which is smaller for pictures that are no JPEG.
    delivery : Delivery
        What a restore of class ``lr`` hands out.
    minimum_saving : float
        Part of the original's bytes that must be saved, or the file is kept.
    format : str or None
        Of LR files: ``"png"``, ``"tiff"`` or ``"webp"``; by default what fits.
    precision : str
        At which files are downscaled, judged and later restored: ``"auto"`` or ``"fp32"``.
    special : bool
        Take RAW files and parts of multi-file formats too, byte-exactly.
    max_pixels : int or None
        Images that claim more are not decoded; None for the default of `open_image`.
    """

    model: str | None = None
    scale: int | None = None
    floors: Floors = field(default_factory=Floors)
    classes: frozenset[StorageClass] = frozenset(StorageClass)
    exact: Literal["bytes", "pixels"] = "bytes"
    delivery: Delivery = field(default_factory=Delivery)
    minimum_saving: float = 0.1
    format: str | None = None
    precision: Literal["auto", "fp32"] = "auto"
    special: bool = False
    max_pixels: int | None = None

    def __post_init__(self) -> None:
        """Refuse values that would be misread silently."""
        object.__setattr__(self, "classes", frozenset(StorageClass(c) for c in self.classes))
        if self.exact not in ("bytes", "pixels"):
            raise UsageError(f"exact = {self.exact!r} is unknown; choose bytes or pixels")
        if not 0 <= self.minimum_saving < 1:
            raise UsageError(
                f"a minimum saving of {self.minimum_saving:g} is not in 0 to 1; 0.1 is a tenth"
            )
        if self.precision not in ("auto", "fp32"):
            raise UsageError(f"unknown precision {self.precision!r}; choose auto or fp32")

    def pool(self, **options: Any) -> RescalerPool:
        """Return a pool of the models that this rule asks for, at its precision.

        Rules with the same `pool_key` can share one.

        Parameters
        ----------
        **options
            As `Rescaler` takes them, apart from the precision: device, tile, threads.
        """
        from irrm_core.archive.choice import RescalerPool

        model, scale, precision = self.pool_key
        return RescalerPool(model, scale=scale, precision=precision, **options)

    @property
    def pool_key(self) -> tuple[str | None, int | None, str]:
        """Model, scale and precision."""
        scale = DEFAULT_SCALE if self.model is None and self.scale is None else self.scale
        return self.model, scale, self.precision
