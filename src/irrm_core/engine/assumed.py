"""A record for an LR image that came without one."""

from __future__ import annotations

import numpy as np

from irrm_core.engine.layout import ArrayLike, Layout
from irrm_core.engine.record import RestoreRecord
from irrm_core.engine.sidedata import hash_pixels
from irrm_core.errors import UsageError
from irrm_core.zoo import ModelCard


def assume_record(
    card: ModelCard, lr: ArrayLike, *, axes: str | None = None, seed: int = 0
) -> RestoreRecord:
    """Make the record with which an LR is restored as if a model had downscaled it.

    The HR size is the scale times that of the LR, the intensities are those of the LR. An
    image that the model did not downscale is enlarged, not restored.

    Parameters
    ----------
    card : ModelCard
        Of the model that is assumed.
    lr : array
        uint8 or uint16.
    axes : str, optional
        As for `Rescaler.downscale`.
    seed : int
        Of a gaussian latent.

    Raises
    ------
    UsageError
        Dtype or colours cannot come from this model.
    """
    layout = Layout.of(tuple(lr.shape), axes)
    dtype = np.dtype(lr.dtype).name
    if dtype not in ("uint8", "uint16"):
        raise UsageError(f"an LR image is uint8 or uint16, not {dtype}")
    if layout.colours != card.channels or layout.has_alpha:
        raise UsageError(
            f"{card.id} makes LR images of {card.channels} colour samples, not {layout.samples}; "
            "assume another model"
        )
    return RestoreRecord(
        model=card.id,
        weights_hash=card.weights_hash,
        scale=card.scale,
        hr_shape=tuple(
            size * card.scale if axis in "YX" else size
            for axis, size in zip(layout.axes, layout.shape, strict=True)
        ),
        axes=layout.axes,
        dtype=dtype,
        lr_hash=hash_pixels(lr),
        latent_std=card.latent.std if card.latent.kind == "gaussian" else 0.0,
        seed=seed if card.latent.kind == "gaussian" else 0,
    )
