"""The restore record: what an LR image carries so that it can be restored."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from irrm_core.engine.layout import PlaneIndex
from irrm_core.engine.mapping import IntensityMapping
from irrm_core.errors import NotRestorableError

DTYPES = ("uint8", "int8", "uint16", "int16", "uint32", "int32", "float16", "float32", "float64")
"""Of images that can be rescaled."""


@dataclass(frozen=True)
class RestoreRecord:
    """How to restore one LR image, and how to know that it was restored rightly.

    Attributes
    ----------
    model : str
        Id of the model, such as ``"irrm-fast-x4@1"``; for people, the hash decides.
    weights_hash : str
        SHA-256 of the weights, hexadecimal.
    scale : int
        Linear factor between LR and HR.
    hr_shape : tuple of int
        Shape of the original array.
    axes : str
        Its axes in order, from ``TZCYXS``; S are colour samples, always last.
    dtype : str
        Its dtype, one of `DTYPES`; byte order is not kept.
    lr_hash : str
        SHA-256 of the LR pixels with their dtype and shape (`hash_pixels`), hexadecimal.
    tripled : bool
        Whether single-channel planes were downscaled by an RGB model: the LR then has a last
        axis of three samples more than the original, whose restoration is the mean of three.
    mappings : tuple of IntensityMapping
        One for each index of the C axis, or one in all; empty for uint8, and for an assumed
        record of uint16, whose intensities are those of the LR.
    latent_std : float
        Standard deviation of the gaussian latent; 0 for the latent of zeros.
    seed : int
        Of the gaussian latent.
    alpha : int, float or None
        Value of the whole alpha plane where it is constant.
    side_hash : str or None
        SHA-256 of the side data (alpha, pixels kept exactly), where there are any.
    digest : bytes
        Block means of the restoration; empty when it was not measured. See `Digest`.
    quality : mapping of str to float
        What was measured when the image was downscaled; ``psnr`` in dB.
    source_hash : str or None
        SHA-256 of the source file, hexadecimal.
    source_size : int or None
        Its bytes.
    """

    model: str
    weights_hash: str
    scale: int
    hr_shape: tuple[int, ...]
    axes: str
    dtype: str
    lr_hash: str
    tripled: bool = False
    mappings: tuple[IntensityMapping, ...] = ()
    latent_std: float = 0.0
    seed: int = 0
    alpha: float | None = None
    side_hash: str | None = None
    digest: bytes = b""
    quality: Mapping[str, float] = field(default_factory=dict)
    source_hash: str | None = None
    source_size: int | None = None

    @property
    def lr_axes(self) -> str:
        """Axes of the LR array: those of the original, with S if the LR alone has colours."""
        return self.axes + "S" if self.tripled and "S" not in self.axes else self.axes

    @property
    def lr_shape(self) -> tuple[int, ...]:
        """Shape of the LR array: Y and X divided by the scale and rounded up, the rest kept."""
        sizes = dict(zip(self.axes, self.hr_shape, strict=True))
        for axis in "YX":
            sizes[axis] = -(-sizes[axis] // self.scale)
        if self.tripled:
            sizes["S"] = sizes.get("S", 1) + 2
        return tuple(sizes[axis] for axis in self.lr_axes)

    @property
    def lr_dtype(self) -> str:
        """Dtype of the LR array: uint8 for uint8 originals, else uint16."""
        return "uint8" if self.dtype == "uint8" else "uint16"

    @property
    def padding(self) -> tuple[int, int]:
        """Rows and columns, bottom and right, that LR times scale has more than the original."""
        rows, columns = (
            -size % self.scale
            for axis, size in zip(self.axes, self.hr_shape, strict=True)
            if axis in "YX"
        )
        return rows, columns

    def to_dict(self) -> dict[str, Any]:
        """Return the record as JSON holds it, with short keys."""
        from irrm_core.engine.record_json import to_dict

        return to_dict(self)

    def to_bytes(self) -> bytes:
        """Return the record as compact ASCII JSON; under 600 bytes for an ordinary image."""
        return json.dumps(self.to_dict(), separators=(",", ":"), allow_nan=False).encode("ascii")

    @classmethod
    def from_dict(cls, packed: object) -> RestoreRecord:
        """Read what `to_dict` returned; nothing in it is trusted.

        Raises
        ------
        NotRestorableError
            A value is missing, of the wrong kind, out of range or contradicts another.
        """
        from irrm_core.engine.record_json import from_dict

        return from_dict(packed)

    @classmethod
    def from_bytes(cls, encoded: bytes) -> RestoreRecord:
        """Read what `to_bytes` returned.

        Raises
        ------
        NotRestorableError
            The bytes are no record of this format.
        """
        try:
            packed = json.loads(encoded.decode("ascii"))
        except (ValueError, RecursionError):
            raise NotRestorableError(
                "the restore record is damaged: it is no JSON; take another copy of the LR file"
            ) from None
        return cls.from_dict(packed)


PlaneDone = Callable[[PlaneIndex, RestoreRecord], None]
"""Called with a plane that is done, and what is known of the record by then.

While an image is downscaled that is all but hashes, digest and quality.
"""
